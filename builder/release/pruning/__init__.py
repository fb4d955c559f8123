"""What of a repository is still reached, and what may go."""

"""What can be asked of a registry: one file for each kind of content, functions that take a session."""

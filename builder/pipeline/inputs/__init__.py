"""From a matrix, its lock and this machine to the work: builds with their keys, and what tests must show."""

"""Rules on users' own programs over the family."""

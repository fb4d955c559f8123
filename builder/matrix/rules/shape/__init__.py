"""Rules about the matrix itself: what is dead, missing, empty, doubled or too much."""

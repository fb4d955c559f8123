"""One pure check a part of a machine."""

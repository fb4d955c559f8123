"""The bash entry points and their parts."""

"""The release rooms against real registries."""

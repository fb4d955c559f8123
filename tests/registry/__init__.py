"""The registry client against real registries."""

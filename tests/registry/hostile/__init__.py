"""Registries that lie, break the specification or mean harm: a typed error, in bounded time and memory."""

"""Real servers for tests, each a context manager: docker-registry, a token server, a fault proxy."""

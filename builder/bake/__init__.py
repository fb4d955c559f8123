"""From a cell to what Buildx builds: Dockerfile, key and bake definition. No I/O but reading templates."""

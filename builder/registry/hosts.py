"""Registry hosts: the name that the API answers under."""

from builder.model.reference import DOCKER_HUB

DOCKER_HUB_API = "registry-1.docker.io"


def api_host(registry: str) -> str:
    """The host, port included, that serves the API of this registry."""
    return DOCKER_HUB_API if registry == DOCKER_HUB else registry

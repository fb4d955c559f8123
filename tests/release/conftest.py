"""A family in a registry of its own for each test."""

import pytest

from builder.registry import Registry
from tests.release.family import Family
from tests.servers.registry import RegistryServer


@pytest.fixture
def family(server: RegistryServer, registry: Registry) -> Family:
    """An empty family: staging and release are repositories of one registry."""
    return Family(registry, server.repository("acme/cuda-staging"), server.repository("acme/cuda"))

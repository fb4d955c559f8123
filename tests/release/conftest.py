"""A family in a registry of its own for each test, and keys for all of them."""

import pytest

from builder.registry import Registry
from tests.release.family import Family
from tests.release.keys import PASSWORD, KeyPair, generate
from tests.servers.registry import RegistryServer


@pytest.fixture
def family(server: RegistryServer, registry: Registry) -> Family:
    """An empty family: staging and release are repositories of one registry."""
    staging, release = server.repository("acme/cuda-staging"), server.repository("acme/cuda")
    return Family(registry, staging, release, server.storage)


@pytest.fixture(scope="session")
def key_pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyPair, KeyPair]:
    """Two key pairs."""
    folder = tmp_path_factory.mktemp("keys")
    return generate(folder / "ours"), generate(folder / "theirs")


@pytest.fixture
def ours(key_pairs: tuple[KeyPair, KeyPair], monkeypatch: pytest.MonkeyPatch) -> KeyPair:
    """The publisher's key pair, ready to sign."""
    monkeypatch.setenv("COSIGN_PASSWORD", PASSWORD)
    return key_pairs[0]


@pytest.fixture
def theirs(key_pairs: tuple[KeyPair, KeyPair]) -> KeyPair:
    """Somebody else's key pair."""
    return key_pairs[1]

"""Fixtures for every room's tests; those that write to a registry get one of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from builder.registry import Registry, Retry, Settings, anonymous
from tests.servers.fault_proxy import FaultProxy, fault_proxy
from tests.servers.registry import RegistryServer, registry_server

# Short waits, so that tests through faults take seconds; as many tries as users get.
QUICK = Settings(
    credentials=anonymous,
    retry=Retry(base=0.005, cap=0.05, lag=2.0),
    read_seconds=1.0,
    commit_seconds=1.0,
    settle=0.05,
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RegistryServer]:
    """A plain registry with deletion enabled."""
    with registry_server(tmp_path / "registry") as started:
        yield started


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A client without credentials and with short waits."""
    with Registry(QUICK) as client:
        yield client


@pytest.fixture
def proxy(server: RegistryServer) -> Iterator[FaultProxy]:
    """A fault proxy before `server` that injects nothing until it is told to."""
    with fault_proxy(server.host) as started:
        yield started


@pytest.fixture
def start_registry(tmp_path: Path) -> Iterator[Callable[..., RegistryServer]]:
    """Starts registries with `registry_server`'s settings; they end with the test."""
    with ExitStack() as stack:
        started: list[RegistryServer] = []

        def start(**settings: object) -> RegistryServer:
            folder = tmp_path / f"registry-{len(started) + 1}"
            started.append(stack.enter_context(registry_server(folder, **settings)))  # type: ignore[arg-type]
            return started[-1]

        yield start

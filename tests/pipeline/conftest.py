"""A real family, small enough to build in seconds, on the engine that scripts/engine started."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.matrix import lock as locks
from builder.pipeline.inputs.prepare import Work, prepare
from builder.pipeline.inputs.project import lock_path, read
from builder.pipeline.lock import lock, needs
from builder.registry import Registry
from tests.servers.fault_proxy import FaultProxy
from tests.servers.registry import RegistryServer, registry_server

SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
CPU = "- {cuda: cpu, os: debian12}"
CUDA = '- {cuda: "13.0.2", os: debian12, source: wheels}'


@dataclass(frozen=True)
class Family:
    """A matrix file whose release and staging repositories are in a registry of the test's own."""

    file: Path
    server: RegistryServer | FaultProxy

    def work(self, *words: str) -> Work:
        return prepare(self.file, words, datetime.now(UTC).date())


def matrix_text(host: str, *entries: str, platforms: str = "linux/amd64") -> str:
    lines = "\n".join(f"  {entry}" for entry in entries)
    source = f"{{repository: docker.io/library, mirrors: ['{SEEDED}/library']}}"
    return f"""
release: {host}/acme/cuda
staging: {host}/acme/staging
sources: {{cpu: {source}, wheels: {source}}}
axes: {{platform: {platforms}}}
include:
{lines}
tags: {{release: "{{cuda}}-{{flavor}}-{{epoch:%Y%m%d}}", rolling: "{{cuda}}-{{flavor}}"}}
build: {{compression: zstd, sbom: none}}
smoke: {{require: {{linux/amd64: cpu}}}}
"""


def make_family(
    folder: Path, server: RegistryServer | FaultProxy, *entries: str, platforms: str = "linux/amd64"
) -> Family:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "matrix.yaml"
    file.write_text(matrix_text(server.host, *entries, platforms=platforms))
    today = datetime.now(UTC).date()
    project = read(file, today)
    with Registry() as registry:
        found = lock(
            registry, needs(project.matrix, project.expansion.cells), None, update=False, today=today
        )
    lock_path(file).write_text(locks.dump(found))
    return Family(file, server)


@pytest.fixture
def family(tmp_path: Path, server: RegistryServer) -> Callable[..., Family]:
    return lambda *entries: make_family(tmp_path / "family", server, *entries)


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    with registry_server(tmp_path_factory.mktemp("shared")) as started:
        yield started

"""The world that the tests of `watch` break."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from builder.registry import Registry
from tests.servers.github import github_server
from tests.servers.registry import RegistryServer
from tests.watch.world import GPU, NOW, World


@pytest.fixture
def world(server: RegistryServer, registry: Registry, tmp_path: Path) -> Iterator[World]:
    releases = server.repository("acme/cuda")
    matrix = {
        "release": str(releases),
        "staging": f"{server.host}/acme/staging",
        "axes": {"cuda": "13.2.1", "os": "ubuntu24.04", "platform": ["linux/amd64", "linux/arm64"]},
        "tags": {"release": "{cuda}-{epoch:%Y%m%d}"},
    }
    with github_server() as github:
        github.workflow("images.yml", created=NOW - timedelta(days=300))
        for file in ("watch.yml", "lock.yml"):
            github.workflow(file, created=NOW - timedelta(days=300))
        github.run("images.yml", NOW - timedelta(days=5))
        github.commits.append(NOW - timedelta(days=3))
        github.runner("gpu-1", GPU["x64"])
        github.runner("gpu-2", GPU["arm64"])
        made = World(github, registry, releases, tmp_path / "matrix.yaml", matrix=matrix)
        made.release("release-20261119-7")
        yield made

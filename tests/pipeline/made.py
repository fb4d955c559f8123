"""Families for the CPU on Debian 12, locked, built and tested for real, and what is in their images."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from python_on_whales import DockerClient

from builder.engine.containers import pull
from builder.matrix import lock as locks
from builder.model.outcome import Built, Reused
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.pipeline.bake import Report
from builder.pipeline.inputs.project import lock_path, read
from builder.pipeline.lock import lock, needs
from builder.registry import Registry
from tests.pipeline.conftest import Family
from tests.pipeline.tiny import BOTH
from tests.pythons import SEEDED
from tests.servers.registry import RegistryServer

AMD64 = Platform("linux", "amd64")


def locked_family(folder: Path, server: RegistryServer, cell: dict[str, str], **more: object) -> Family:
    """Write the matrix of one cell without CUDA for both platforms, and its lock as `lock` makes it."""
    folder.mkdir(exist_ok=True)
    matrix = {
        "release": f"{server.host}/acme/cuda",
        "staging": f"{server.host}/acme/staging",
        "sources": {"cpu": {"repository": "docker.io/library", "mirrors": [f"{SEEDED}/library"]}},
        "axes": {"platform": BOTH},
        "include": [{"cuda": "cpu", "os": "debian12", **cell}],
        "tags": {"release": "{cuda}-{env}-{epoch:%Y%m%d}"},
        "build": {"compression": "zstd", "sbom": "none"},
        **more,
    }
    file = folder / "matrix.yaml"
    file.write_text(json.dumps(matrix))
    today = datetime.now(UTC).date()
    project = read(file, today)
    with Registry() as registry:
        wanted = needs(project.matrix, project.expansion.cells)
        found = lock(registry, wanted, None, update=False, today=today)
    lock_path(file).write_text(locks.dump(found))
    return Family(file, server)


@dataclass(frozen=True)
class Made:
    """A family, and how its bake ended."""

    family: Family
    report: Report

    def image(self, platform: str) -> Reference:
        """The staged image for a platform."""
        digests = {str(one.step.cell.platform): one for one in self.report.results}
        build = digests[platform].build
        assert isinstance(build, Built | Reused), build
        return Reference.parse(f"{self.family.server.host}/acme/staging@{build.digest}")


def ran(docker: DockerClient, image: Reference, *command: str, **options: Any) -> str:
    """What a command prints in an image for amd64."""
    pull(docker, image, AMD64)
    said = docker.run(str(image), [*command], remove=True, networks=["none"], **options)
    assert isinstance(said, str)
    return said

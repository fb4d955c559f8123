"""A family of any size whose images take a moment each: a plain base under NVIDIA's names, and one step.

The source `ngc-pytorch` is the one whose base brings everything, so that its recipe only adds a user. The
releases and their CUDA versions are made up.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from builder.matrix import lock as locks
from builder.model.descriptor import Descriptor
from builder.model.reference import Reference, Repository
from builder.pipeline.inputs.project import lock_path, read
from builder.pipeline.lock import lock, needs
from builder.registry import Registry, map_concurrently

SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
BASE = f"{SEEDED}/library/debian:12-slim"
BOTH = ("linux/amd64", "linux/arm64")
_PATH = "nvidia/pytorch"


def tiny(folder: Path, host: str, count: int = 1, platforms: Sequence[str] = BOTH) -> Path:
    """Write the matrix and the lock of so many targets, and push their bases; returns the matrix' file."""
    releases = [f"{year:02}.{month:02}" for year in range(1, 100) for month in range(1, 13)][:count]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "matrix.yaml"
    file.write_text(json.dumps(_matrix(host, releases, platforms)))
    today = datetime.now(UTC).date()
    with Registry() as registry:
        push_bases(registry, Repository(host, _PATH), [f"{release}-py3" for release in releases])
        project = read(file, today)
        found = lock(
            registry, needs(project.matrix, project.expansion.cells), None, update=False, today=today
        )
    lock_path(file).write_text(locks.dump(found))
    return file


def push_bases(registry: Registry, repository: Repository, tags: Sequence[str]) -> None:
    """Have the seeded base in a repository, under each of the tags."""
    source = Reference.parse(BASE)
    index = registry.manifest(source)
    for child in index.children:
        image = registry.manifest(source.repository.at(child.digest))
        blobs: list[Descriptor] = [*image.layers, *([image.config] if image.config else [])]
        for blob in blobs:
            registry.copy_blob(source.repository, repository, blob)
        registry.put_manifest(repository, image.content, image.media_type)
    map_concurrently(
        lambda tag: registry.put_manifest(repository, index.content, index.media_type, tag=tag), tags
    )


def _matrix(host: str, releases: Sequence[str], platforms: Sequence[str]) -> dict[str, object]:
    holds = {release: f"13.0.{number}" for number, release in enumerate(releases)}
    return {
        "release": f"{host}/acme/cuda",
        "staging": f"{host}/acme/staging",
        "sources": {
            "ngc-pytorch": {
                "mirrors": [f"{host}/{_PATH}"],
                "releases": {
                    release: {"cuda": cuda, "torch": "2.9.0", "python": "3.12"}
                    for release, cuda in holds.items()
                },
            }
        },
        "axes": {"platform": list(platforms)},
        "build": {"sbom": "none"},
        "include": [
            {
                "source": "ngc-pytorch",
                "cuda": list(holds.values()),
                "flavor": "cudnn-devel",
                "os": "ubuntu24.04",
            }
        ],
        "tags": {
            "release": "{cuda}-{flavor}-{os}-{epoch:%Y%m%d}",
            "rolling": "{cuda}-{flavor}-{os}",
        },
        "smoke": {"require": dict.fromkeys(platforms, "cpu")},
    }

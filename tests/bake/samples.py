"""A small project whose builds the tests vary one input at a time."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from builder.bake.definition import Build, Site
from builder.matrix.conda.environment import environment
from builder.matrix.expansion.expand import expand
from builder.matrix.expansion.lenders import with_lenders
from builder.matrix.expansion.managed import MACHINES, ManagedPython, managed
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel
from builder.matrix.text.load import Loaded, load
from builder.model.cell import Target
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.pipeline.inputs.builds import builds

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
BASE = "docker.io/library/debian:12-slim"
TEXT = """
release: 127.0.0.1:1/acme/cuda
staging: 127.0.0.1:1/acme/staging
axes: {platform: [linux/amd64, linux/arm64]}
include:
  - {cuda: "13.0.2", flavor: [base, devel], os: debian12, source: wheels}
  - {cuda: cpu, os: debian12}
  - {cuda: cpu, os: debian12, python: "3.12", env: conda}
  - {cuda: cpu, os: debian12, python: "3.13", env: uv}
build: {sbom: none}
tags: {release: "{cuda}-{flavor}-{os}-{env}-{epoch:%Y%m%d}", rolling: "{cuda}-{flavor}-{os}-{env}"}
"""


def digest(text: str) -> Digest:
    return Digest.of(text.encode())


def loaded(text: str = TEXT) -> Loaded:
    read = load(text.encode(), "matrix.yaml")
    assert isinstance(read, Loaded), read
    return read


def locked(read: Loaded, **changes: Any) -> Lock:
    """A lock that has all that the matrix needs, with made-up digests."""
    wheels, conda, pythons = {}, {}, {}
    for cell in with_lenders(expand(read).cells):
        if wanted := wheel_set(cell):
            names = [text.partition("[")[0].partition("==")[0] for text in wanted.requirements]
            wheels[wanted.id] = tuple(LockedWheel(n, "1.0", digest(f"{n} {wanted.id}")) for n in names)
        if asked := environment(cell):
            conda[asked.id] = tuple(
                LockedPackage(name, "1.0", f"conda-forge/{asked.subdir}/{name}-1.0-0.conda", digest(asked.id))
                for name in ("pip", "python")
            )
        if own := managed(cell):
            pythons[own.id] = archives(own)
    base = LockedBase(
        index=digest("index"),
        platforms={AMD64: digest("amd64"), ARM64: digest("arm64")},
        seen=date(2026, 11, 1),
        place="127.0.0.1:1/library/debian",
    )
    return replace(Lock(date(2026, 11, 21), {BASE: base}, wheels, conda, pythons), **changes)


def archives(python: ManagedPython) -> tuple[LockedPackage, ...]:
    """What a lock has for a Python of uv's, with made-up digests."""
    version = f"{python.version}.4+20251101"
    return tuple(
        LockedPackage(
            f"cpython-{machine}",
            version,
            f"20251101/cpython-{version}-{machine}-unknown-linux-gnu-install_only_stripped.tar.gz",
            digest(f"{machine} {version}"),
        )
        for machine in MACHINES
    )


def targets(read: Loaded) -> tuple[Target, ...]:
    return expand(read).targets


def all_builds(text: str = TEXT, **changes: Any) -> dict[str, Build]:
    """The builds by bake name; `changes` go into the lock."""
    read = loaded(text)
    return {build.name: build for build in builds(read.matrix, locked(read, **changes), targets(read))}


def site(folder: Path) -> Site:
    return Site(secrets={}, indexes={}, wheelhouse=folder)

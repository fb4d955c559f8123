"""Small matrices, and locks made for them without a registry."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import yaml

from builder.matrix.conda.environment import environment as environment_of
from builder.matrix.conda.file import NO_FILE, EnvironmentFile
from builder.matrix.expansion.apps import Read, apps
from builder.matrix.expansion.bases import base_of
from builder.matrix.expansion.expand import Expansion, expand
from builder.matrix.expansion.lenders import with_lenders
from builder.matrix.expansion.managed import managed
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel
from builder.matrix.rules.catalog import judge
from builder.matrix.rules.rule import Context
from builder.matrix.text.load import Loaded, load
from builder.model.app import Sources
from builder.model.cell import Cell, Target
from builder.model.digest import Digest
from builder.model.finding import Finding

TODAY = date(2026, 11, 21)
EPOCH = date(2026, 11, 20)
HEAD = {
    "release": "ghcr.io/acme/cuda",
    "staging": "ghcr.io/acme/cuda-staging",
    "tags": {
        "release": ["{cuda}-{flavor}-{os}-{epoch:%Y%m%d}"],
        "rolling": ["{cuda}-{flavor}-{os}"],
    },
}
CLEAN = {**HEAD, "axes": {"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "2.14.1"}}


def text(data: dict[str, Any]) -> bytes:
    """The YAML of a matrix, its parts in the order they are given."""
    return yaml.safe_dump(data, sort_keys=False).encode()


def matrix(**parts: Any) -> Loaded:
    """A matrix of these parts and the usual head; it must be right."""
    return parsed(text({**HEAD, **parts}))


def parsed(content: bytes) -> Loaded:
    """A matrix that must be right."""
    read = load(content, "matrix.yaml")
    assert isinstance(read, Loaded), read
    return read


def mistakes(content: bytes) -> tuple[Finding, ...]:
    """What is wrong with a text that must be wrong."""
    read = load(content, "matrix.yaml")
    assert isinstance(read, tuple), read
    return read


def targets(**parts: Any) -> tuple[Target, ...]:
    """The targets of a matrix of these parts."""
    return expand(matrix(**parts)).targets


def cells(**parts: Any) -> tuple[Cell, ...]:
    """The cells of a matrix of these parts."""
    return expand(matrix(**parts)).cells


def lock_for(loaded: Loaded, expansion: Expansion, epoch: date = EPOCH) -> Lock:
    """A lock that has whatever these cells need, with digests that are made up."""
    bases: dict[str, dict[Any, Digest]] = {}
    wheels: dict[str, tuple[LockedWheel, ...]] = {}
    conda: dict[str, tuple[LockedPackage, ...]] = {}
    pythons: dict[str, tuple[LockedPackage, ...]] = {}
    for cell in with_lenders(expansion.cells):
        try:
            base, wanted = base_of(loaded.matrix, cell), wheel_set(cell)
            asked, own = environment_of(cell), managed(cell)
        except LookupError:
            continue
        name = str(base.name)
        bases.setdefault(name, {})[cell.platform] = Digest.of(f"{name} {cell.platform}".encode())
        if wanted:
            wheels[wanted.id] = (LockedWheel("numpy", "2.4.6", Digest.of(wanted.id.encode())),)
        if asked:
            file = Digest.of(asked.id.encode())
            conda[asked.id] = (LockedPackage("numpy", "2.4.6", "conda-forge/noarch/numpy.conda", file),)
        if own:
            file = Digest.of(own.id.encode())
            pythons[own.id] = (LockedPackage("cpython", own.version, "20251101/cpython.tar.gz", file),)
    return Lock(
        epoch,
        {
            name: LockedBase(Digest.of(name.encode()), platforms, epoch, name.rpartition(":")[0])
            for name, platforms in bases.items()
        },
        wheels,
        conda,
        pythons,
    )


def expanded(
    loaded: Loaded, sources: Mapping[str, Read], environment: EnvironmentFile = NO_FILE
) -> Expansion:
    """The family of a matrix with its apps."""
    family = expand(loaded, environment)
    return replace(family, apps=apps(loaded, family.targets, sources))


def dockerfiles(**texts: str) -> dict[str, Read]:
    """Sources of apps that have nothing but a Dockerfile."""
    return {name: Sources(name, "Dockerfile", text, {}) for name, text in texts.items()}


def findings(
    loaded: Loaded,
    *,
    lock: Lock | None = None,
    today: date = TODAY,
    sources: Mapping[str, Read] = MappingProxyType({}),
    environment: EnvironmentFile = NO_FILE,
) -> tuple[Finding, ...]:
    """What the rules say, with a lock that has everything unless another is given."""
    expansion = expanded(loaded, sources, environment)
    known = lock or lock_for(loaded, expansion)
    return judge(Context(loaded, expansion, known, today, sources, environment))

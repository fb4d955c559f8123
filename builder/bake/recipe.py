"""Everything that decides what a cell's image holds: the inputs of its build, and the key made of them."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

from builder.matrix.lock import LockedPackage, LockedWheel
from builder.model.cell import Cell
from builder.model.digest import Digest

# Raised when the same inputs must give another image because the builder itself builds differently.
VERSION = 1


@dataclass(frozen=True)
class Recipe:
    """The inputs of one build.

    `context` has the digest of each file by its path; `epoch` is SOURCE_DATE_EPOCH in seconds; `exporter` are
    the options of the image exporter that change bytes, such as the compression. An app has no `base` of its
    own but `parents`: the keys of the images of the family that it is built over, by flavor. Its test is an
    input too: no receipt of another test may count for it.
    """

    cell: Cell
    dockerfile: str
    context: Mapping[str, Digest]
    base: Digest | None
    wheels: tuple[LockedWheel, ...]
    arguments: Mapping[str, str]
    exporter: Mapping[str, str]
    epoch: int
    parents: Mapping[str, Digest] = field(default_factory=dict)
    conda: tuple[LockedPackage, ...] = ()
    managed: tuple[LockedPackage, ...] = ()

    def inputs(self) -> dict[str, Any]:
        """The inputs as plain data: the Dockerfile as its digest, so that it fits into an annotation."""
        return {
            "arguments": dict(self.arguments),
            **({"base": str(self.base)} if self.base else {}),
            **({"conda": [*_lines(self.conda)]} if self.conda else {}),
            "context": {path: str(digest) for path, digest in self.context.items()},
            "dockerfile": str(Digest.of(self.dockerfile.encode())),
            "epoch": self.epoch,
            "exporter": dict(self.exporter),
            **({"parents": {name: str(key) for name, key in self.parents.items()}} if self.parents else {}),
            **({"pythons": [*_lines(self.managed)]} if self.managed else {}),
            "recipe": VERSION,
            **({"test": shlex.join(self.cell.app.test)} if self.cell.app else {}),
            "wheels": [*_lines(self.wheels)],
        }

    @cached_property
    def canonical(self) -> bytes:
        """The inputs as bytes."""
        return canonical(self.inputs())

    @property
    def key(self) -> Digest:
        """The content address of the inputs: the same inputs, and nothing else, give the same key."""
        return Digest.of(self.canonical)


@cache
def _lines(packages: tuple[LockedWheel | LockedPackage, ...]) -> tuple[str, ...]:
    """The packages as the lock has them, sorted. Cells share sets of packages."""
    return tuple(sorted(map(str, packages)))


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(data: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: equal data gives equal bytes."""
    return _CANONICAL.encode(data).encode()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """What changed between two builds' inputs, in words: `torch 2.9.0 → 2.9.1`."""
    changes = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        match name, old, new:
            case "epoch", int(), int():
                changes.append(f"epoch {_day(old)} → {_day(new)}")
            case _, dict(), dict():
                changes += [f"{name} {line}" for line in _changed(old, new)]
            case _, list(), list():
                changes += _changed(*_packages(old, new))
            case _:
                changes.append(f"{name} {_short(old)} → {_short(new)}")
    return tuple(changes)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [
        f"{key} {_short(old.get(key))} → {_short(new.get(key))}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def _packages(*lists: list[str]) -> list[dict[str, str]]:
    """`torch==2.9.1 sha256:…` by name, for each list; the digest only where the version stayed."""
    whole = [{name: rest for name, _, rest in (line.partition("==") for line in lines)} for lines in lists]
    bare = [{name: rest.partition(" ")[0] for name, rest in named.items()} for named in whole]
    same = {name for name in bare[0] if all(versions.get(name) == bare[0][name] for versions in bare)}
    return [
        {name: named[name] if name in same else version for name, version in versions.items()}
        for named, versions in zip(whole, bare, strict=True)
    ]


def _day(epoch: int) -> str:
    return f"{datetime.fromtimestamp(epoch, UTC):%Y-%m-%d}"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    words = (
        f"{word[:19]}…" if word.startswith("sha256:") else word  # 12 digits, as everywhere
        for word in str(value).split()
    )
    return " ".join(words)

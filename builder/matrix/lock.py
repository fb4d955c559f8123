"""matrix.lock: what floating things were resolved to, one line a fact, sorted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self, TypeVar

from builder.matrix.text import document
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform

VERSION = 1
_LIMITS = document.Limits(size=64_000_000, values=2_000_000)
_HEADER = """\
# What the floating names of the matrix were resolved to. Written by `python -m builder lock`; review it,
# commit it, and change it only by running that again.
"""


@dataclass(frozen=True, slots=True)
class LockedBase:
    """A base image as it was found: its index, its manifest per platform, when, and in which repository."""

    index: Digest
    platforms: Mapping[Platform, Digest]
    seen: date
    place: str


@dataclass(frozen=True, slots=True, order=True)
class LockedWheel:
    """One wheel file."""

    name: str
    version: str
    digest: Digest

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name==version sha256:…`."""
        requirement, digest = text.split(" ")
        name, version = requirement.split("==")
        return cls(name, version, Digest.parse(digest))

    def __hash__(self) -> int:
        # Sets of wheels are what renderings are kept by: equal digests are enough of a hash.
        return hash(self.digest.hex)

    def __str__(self) -> str:
        return f"{self.name}=={self.version} {self.digest}"

    @property
    def requirement(self) -> str:
        """The line of a requirements file in hash-checking mode. `==2.13.0` would take a `2.13.0+cpu`."""
        return f"{self.name}==={self.version} --hash={self.digest}"


@dataclass(frozen=True, slots=True, order=True)
class LockedPackage:
    """One package of conda's, or one archive of a Python.

    `path` is its file below the place where such are: channel by name and subdir, or release.
    """

    name: str
    version: str
    path: str
    digest: Digest

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name==version path sha256:…`."""
        requirement, path, digest = text.split(" ")
        name, version = requirement.split("==")
        return cls(name, version, path, Digest.parse(digest))

    def __str__(self) -> str:
        return f"{self.name}=={self.version} {self.path} {self.digest}"

    @property
    def explicit(self) -> str:
        """Its line in an explicit environment: file and hash."""
        return f"{self.path}#{self.digest}"


_Locked = TypeVar("_Locked", LockedWheel, LockedPackage)


@dataclass(frozen=True, slots=True)
class Lock:
    """The epoch, the bases by proper name, and wheels, conda's packages and Pythons by the id of their set.

    `since` has the day from which a base on a platform, or a set of packages, is as it is, where that is not
    the epoch. So what moved for one image leaves the others alone.
    """

    epoch: date
    bases: Mapping[str, LockedBase] = field(default_factory=dict)
    wheels: Mapping[str, tuple[LockedWheel, ...]] = field(default_factory=dict)
    conda: Mapping[str, tuple[LockedPackage, ...]] = field(default_factory=dict)
    pythons: Mapping[str, tuple[LockedPackage, ...]] = field(default_factory=dict)
    since: Mapping[str, date] = field(default_factory=dict)

    def dated(self, *names: str) -> date:
        """The day from which all of these are as they are; see `on` for the name of a base on a platform."""
        return max((self.since.get(name, self.epoch) for name in names), default=self.epoch)


def on(base: str, platform: Platform) -> str:
    """The name by which `Lock.since` knows a base on a platform."""
    return f"{base} {platform}"


def epoch_seconds(epoch: date) -> int:
    """SOURCE_DATE_EPOCH: the epoch's midnight, UTC, in seconds since 1970."""
    return int(datetime(epoch.year, epoch.month, epoch.day, tzinfo=UTC).timestamp())


def dump(lock: Lock) -> str:
    """The text of a lock; equal locks have equal texts."""
    lines = [_HEADER + f"version: {VERSION}", f"epoch: {lock.epoch}", "bases:"]
    for name, base in sorted(lock.bases.items()):
        lines += [f"  {name}:", f"    index: {base.index}"]
        lines += [f"    {platform}: {digest}" for platform, digest in sorted(base.platforms.items())]
        lines += [f"    seen: {base.seen}", f"    place: {base.place}"]
    lines += ["wheels:", *_listed(lock.wheels)]
    lines += ["conda:", *_listed(lock.conda)] if lock.conda else []
    lines += ["pythons:", *_listed(lock.pythons)] if lock.pythons else []
    older = {name: day for name, day in lock.since.items() if day != lock.epoch}
    if older:
        lines.append("since:")
        lines += [f'  "{name}": {day}' for name, day in sorted(older.items())]
    return "\n".join(lines) + "\n"


def _listed(sets: Mapping[str, tuple[_Locked, ...]]) -> Iterator[str]:
    for name, members in sorted(sets.items()):
        yield f'  "{name}":'
        yield from (f"    - {member}" for member in sorted(members))


def parse(content: bytes, file: str) -> Lock:
    """Read a lock.

    Raises:
        BuilderError: when it is not one that this version wrote.
    """
    read = document.parse(content, file, _LIMITS)
    fix = "Run `python -m builder lock` to write it anew."
    if read.problems:
        problem = read.problems[0]
        raise BuilderError(ExitCode.MATRIX, problem.message, fix=fix, where=problem.where)
    try:
        return _lock(read.data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BuilderError(ExitCode.MATRIX, f"it is no lock: {error}", fix=fix, where=file) from error


def _lock(data: Any) -> Lock:
    if data["version"] != VERSION or not isinstance(data["epoch"], date):
        raise ValueError(f"version {VERSION} and an epoch are expected")
    return Lock(
        epoch=data["epoch"],
        bases={name: _base(base) for name, base in (data["bases"] or {}).items()},
        wheels={
            name: tuple(LockedWheel.parse(line) for line in lines)
            for name, lines in (data["wheels"] or {}).items()
        },
        conda=_packages(data.get("conda")),
        pythons=_packages(data.get("pythons")),
        since=dict(data.get("since") or {}),
    )


def _packages(data: dict[str, list[str]] | None) -> dict[str, tuple[LockedPackage, ...]]:
    return {name: tuple(map(LockedPackage.parse, lines)) for name, lines in (data or {}).items()}


def _base(data: dict[str, Any]) -> LockedBase:
    platforms = {key: value for key, value in data.items() if "/" in key}
    return LockedBase(
        index=Digest.parse(data["index"]),
        platforms={Platform.parse(name): Digest.parse(digest) for name, digest in platforms.items()},
        seen=data["seen"],
        place=data["place"],
    )

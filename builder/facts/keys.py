"""Signing keys of NVIDIA's package repositories: which one signs what, and since when."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from builder.facts.table import day, table, unverified


@dataclass(frozen=True, slots=True)
class RepositoryKey:
    """A key by the last eight digits of its fingerprint, in capitals.

    `formats` are `deb` and `rpm`. `until` is the day from which it signs nothing. `sha256` is that of the key
    file without its `Version` line.
    """

    id: str
    formats: tuple[str, ...]
    since: date | None
    until: date | None
    replaced_by: tuple[str, ...]
    fingerprint: str | None
    sha256: str | None
    unverified: frozenset[str]


@dataclass(frozen=True, slots=True)
class PackageRepository:
    """The repository for an operating system; `key` signs it today.

    `keyring` is the package that brings the key, where there is one; `first_cuda` the oldest minor in it,
    where that is a limit.
    """

    os: str
    folder: str
    key: str
    arches: tuple[str, ...]
    keyring: str | None
    first_cuda: str | None
    unverified: frozenset[str]

    def path(self, arch: str) -> str | None:
        """The folders of an architecture: `ubuntu2404/sbsa` for arm64; None when it is not served."""
        folders = {row["arch"]: row["folder"] for row in table("keys").data["folders"]}
        return f"{self.folder}/{folders[arch]}" if arch in self.arches else None


@cache
def _keys() -> dict[str, RepositoryKey]:
    return {
        row["id"]: RepositoryKey(
            id=row["id"],
            formats=tuple(row["formats"]),
            since=day(row, "since"),
            until=day(row, "until"),
            replaced_by=tuple(row.get("replaced_by", ())),
            fingerprint=row.get("fingerprint"),
            sha256=row.get("sha256"),
            unverified=unverified(row),
        )
        for row in table("keys").data["keys"]
    }


@cache
def _repositories() -> dict[str, PackageRepository]:
    return {
        row["os"]: PackageRepository(
            os=row["os"],
            folder=row["folder"],
            key=row["key"],
            arches=tuple(row["arches"]),
            keyring=row.get("keyring"),
            first_cuda=row.get("first_cuda"),
            unverified=unverified(row),
        )
        for row in table("keys").data["repositories"]
    }


def key(id: str) -> RepositoryKey | None:  # noqa: A002  it is the field's name
    """The key of this id, however long it is written: `3bf863cc`, `A4B469963BF863CC`, `3bf863cc.pub`."""
    return _keys().get(id.removesuffix(".pub").upper()[-8:])


def repository(os: str) -> PackageRepository | None:
    """The repository for this operating system."""
    return _repositories().get(os)


def pin(os: str) -> tuple[RepositoryKey, str] | None:
    """The key that signs the repository for this system, and what it is known by: fingerprint or SHA-256.

    None where nobody could check which key that is, or how it is known: no build may fail for a rumor.
    """
    known = _repositories().get(os)
    signs = _keys()[known.key] if known and "key" not in known.unverified else None
    if signs is None or signs.unverified:
        return None
    text = signs.fingerprint or signs.sha256
    return (signs, text) if text else None


def former(id: str) -> tuple[RepositoryKey, ...]:  # noqa: A002
    """The keys that a key replaced."""
    return tuple(old for old in _keys().values() if id in old.replaced_by)


def signing(os: str, on: date) -> RepositoryKey | None:
    """The key that signs the repository for this system on that day."""
    known = repository(os)
    if known is None:
        return None
    current = _keys()[known.key]
    if current.since is None or on >= current.since:
        return current
    return next((old for old in _keys().values() if current.id in old.replaced_by), None)

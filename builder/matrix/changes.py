"""What is different between two locks, for people who decide whether they want it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel

_T = TypeVar("_T")
_Package = LockedWheel | LockedPackage


@dataclass(frozen=True, slots=True)
class Change:
    """Something of the lock that is not as it was, empty where it was not or is not there.

    Versions where those differ, else digests. `sets` are the names of those that a package changed in.
    """

    what: str
    before: str
    after: str
    sets: tuple[str, ...] = ()


def changes(before: Lock | None, after: Lock) -> tuple[Change, ...]:
    """The date, then base by base, then package by package: one change, in however many sets."""
    old = before or replace(after, bases={}, wheels={}, conda={}, pythons={})
    return (*_dates(old, after), *_bases(old, after), *_packages(old, after))


def _dates(old: Lock, new: Lock) -> Iterator[Change]:
    if old.epoch != new.epoch:
        yield Change("epoch", str(old.epoch), str(new.epoch))


def _bases(old: Lock, new: Lock) -> Iterator[Change]:
    for name in sorted({*old.bases, *new.bases}):
        for platform, was, now in _differences(_digests(old.bases.get(name)), _digests(new.bases.get(name))):
            yield Change(f"{name} {platform}", was or "", now or "")


def _packages(old: Lock, new: Lock) -> Iterator[Change]:
    found: dict[tuple[str, str, str], list[str]] = {}
    kinds = ((old.wheels, new.wheels), (old.conda, new.conda), (old.pythons, new.pythons))
    for before, after in kinds:
        for name in sorted({*before, *after}):
            for package, was, now in _differences(_named(before.get(name, ())), _named(after.get(name, ()))):
                found.setdefault((package, *_told(was, now)), []).append(name)
    for (package, was_told, now_told), sets in sorted(found.items()):
        yield Change(package, was_told, now_told, tuple(sets))


def _differences(old: Mapping[str, _T], new: Mapping[str, _T]) -> Iterator[tuple[str, _T | None, _T | None]]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _digests(base: LockedBase | None) -> dict[str, str]:
    return {str(platform): str(digest) for platform, digest in base.platforms.items()} if base else {}


def _named(packages: tuple[LockedWheel, ...] | tuple[LockedPackage, ...]) -> dict[str, _Package]:
    return {package.name: package for package in packages}


def _told(old: _Package | None, new: _Package | None) -> tuple[str, str]:
    if old and new and old.version == new.version:
        return f"{old.version} {old.digest}", f"{new.version} {new.digest}"
    return old.version if old else "", new.version if new else ""

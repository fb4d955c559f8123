"""lock: resolves what floats (base digests, wheels, the epoch) and says what moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from builder.engine.resolver import find_links_from_environment, resolve
from builder.matrix.bases import Base, base_of
from builder.matrix.lock import Lock, LockedBase, LockedWheel
from builder.matrix.schema import Matrix
from builder.matrix.wheels import WheelSet, wheel_set
from builder.model.cell import Cell
from builder.model.errors import BuilderError, ExitCode
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the lock that is not as it was."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What the cells of a matrix need from a lock, by name."""

    bases: Mapping[str, Base]
    wheels: Mapping[str, WheelSet]


def needs(matrix: Matrix, cells: Iterable[Cell]) -> Needs:
    """The bases and wheels of these cells; cells that other rules refuse need nothing."""
    bases: dict[str, Base] = {}
    wheels: dict[str, WheelSet] = {}
    for cell in cells:
        try:
            base, wanted = base_of(matrix, cell), wheel_set(cell)
        except LookupError:
            continue
        bases[str(base.name)] = base
        if wanted:
            wheels[wanted.id] = wanted
    return Needs(bases, wheels)


def lock(registry: Registry, needed: Needs, before: Lock | None, *, update: bool, today: date) -> Lock:
    """The lock that these needs come to.

    What `before` knows stays unless `update` is asked for, and its date stays where nothing moved, so that
    the same answers give the same lock on any day. What nothing needs any more is dropped.
    """
    known = before or Lock(today)
    old_bases = {} if update else known.bases
    old_wheels = {} if update else known.wheels
    missing = [base for name, base in needed.bases.items() if name not in old_bases]
    found = dict(
        zip(map(_name, missing), map_concurrently(lambda b: _seen(registry, b, today), missing), strict=True)
    )
    bases = {name: _kept(found.get(name), known.bases.get(name)) for name in needed.bases}
    wheels = {name: old_wheels.get(name) or _resolved(wanted) for name, wanted in needed.wheels.items()}
    moved = any(_digests(bases[name]) != _digests(known.bases[name]) for name in bases if name in known.bases)
    moved = moved or any(wheels[name] != known.wheels[name] for name in wheels if name in known.wheels)
    return Lock(today if moved else known.epoch, bases, wheels)


def changes(before: Lock | None, after: Lock) -> tuple[Change, ...]:
    """What is different, base by base and wheel by wheel."""
    old = before or replace(after, bases={}, wheels={})
    lines = (
        [Change("epoch", str(old.epoch) if before else "", str(after.epoch))]
        if old.epoch != after.epoch
        else []
    )
    for name in sorted({*old.bases, *after.bases}):
        lines += _differences(name, _base_facts(old.bases.get(name)), _base_facts(after.bases.get(name)))
    for name in sorted({*old.wheels, *after.wheels}):
        lines += _differences(name, _wheel_facts(old.wheels.get(name)), _wheel_facts(after.wheels.get(name)))
    return tuple(lines)


def _name(base: Base) -> str:
    return str(base.name)


def _seen(registry: Registry, base: Base, today: date) -> LockedBase:
    """The base as the first place that has it shows it; a place that cannot be asked is passed over."""
    trouble: BuilderError | None = None
    for place in base.places:
        try:
            manifest = registry.find_manifest(place)
        except BuilderError as error:
            trouble = error
            continue
        if manifest is not None:
            children = registry.platforms(place.at(manifest.digest))
            platforms = {platform: child.digest for platform, child in children.items()}
            return LockedBase(manifest.digest, platforms, today, str(place.repository))
    if trouble:
        raise trouble
    raise BuilderError(
        ExitCode.NOT_FOUND,
        f"there is no base image {base.name}",
        fix="Choose another `os` or `cuda`, or correct the source's `repository` and `mirrors`.",
        where=", ".join(str(place) for place in base.places),
    )


def _kept(found: LockedBase | None, known: LockedBase | None) -> LockedBase:
    """What was found, with the day it was first seen where it has not moved."""
    if found is None:
        assert known is not None  # noqa: S101  what is not looked for is known
        return known
    return known if known and _digests(known) == _digests(found) else found


def _digests(base: LockedBase) -> tuple[object, ...]:
    return base.index, tuple(sorted(base.platforms.items()))


def _resolved(wanted: WheelSet) -> tuple[LockedWheel, ...]:
    return resolve(wanted, find_links_from_environment())


def _base_facts(base: LockedBase | None) -> dict[str, str]:
    return {str(platform): str(digest) for platform, digest in base.platforms.items()} if base else {}


def _wheel_facts(wheels: tuple[LockedWheel, ...] | None) -> dict[str, str]:
    return {wheel.name: f"{wheel.version} {wheel.digest}" for wheel in wheels or ()}


def _differences(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    keys = sorted({*old, *new})
    return [Change(f"{name} {k}", old.get(k, ""), new.get(k, "")) for k in keys if old.get(k) != new.get(k)]

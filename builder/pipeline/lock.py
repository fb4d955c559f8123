"""lock: resolves what floats: base digests, wheels, conda packages, Pythons, the epoch."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from builder.engine.channels import alias_from_environment, solve
from builder.engine.indexes import find_links_from_environment
from builder.engine.pythons import find, mirror_from_environment
from builder.engine.resolver import resolve
from builder.matrix.conda.environment import environment
from builder.matrix.expansion.bases import Base, base_of
from builder.matrix.expansion.cells import target_name
from builder.matrix.expansion.lenders import with_lenders
from builder.matrix.expansion.managed import managed
from builder.matrix.expansion.wheels import WheelSet, wheel_set
from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel, on
from builder.matrix.schema import Matrix
from builder.matrix.survey import BaseAnswers
from builder.model.cell import Cell
from builder.model.errors import BuilderError, ExitCode
from builder.pipeline.existing.bases import Asker
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently


@dataclass(frozen=True, slots=True)
class Needs:
    """What the cells of a matrix need from a lock, by name; `used` are bases on platforms, none for all.

    `conda` and `pythons` have the first cell that asks for an environment, or for a Python of uv's.
    """

    bases: Mapping[str, Base]
    wheels: Mapping[str, WheelSet]
    used: frozenset[str] = frozenset()
    conda: Mapping[str, Cell] = field(default_factory=dict)
    pythons: Mapping[str, Cell] = field(default_factory=dict)


def needs(matrix: Matrix, cells: Iterable[Cell]) -> Needs:
    """The bases and wheels of these cells and their lenders; cells that other rules refuse need nothing."""
    bases: dict[str, Base] = {}
    wheels: dict[str, WheelSet] = {}
    used: set[str] = set()
    conda: dict[str, Cell] = {}
    pythons: dict[str, Cell] = {}
    for cell in with_lenders(cells):
        try:
            base, wanted, asked, own = (
                base_of(matrix, cell),
                wheel_set(cell),
                environment(cell),
                managed(cell),
            )
        except LookupError:
            continue
        bases[str(base.name)] = base
        used.add(on(str(base.name), cell.platform))
        if wanted:
            wheels[wanted.id] = wanted
        if asked:
            conda.setdefault(asked.id, cell)
        if own:
            pythons.setdefault(own.id, cell)
    return Needs(bases, wheels, frozenset(used), conda, pythons)


def lock(registry: Registry, needed: Needs, before: Lock | None, *, update: bool, today: date) -> Lock:
    """The lock that these needs come to.

    What `before` knows stays unless `update` is asked for, and its date stays where nothing moved that images
    are made of, so that the same answers give the same lock on any day; the digest of a base's index is no
    such thing. What nothing needs any more is dropped.
    """
    known = before or Lock(today)
    old_bases = {} if update else known.bases
    old_wheels = {} if update else known.wheels
    old_conda = {} if update else known.conda
    old_pythons = {} if update else known.pythons
    missing = {name: base for name, base in needed.bases.items() if name not in old_bases}
    asker = Asker(registry)
    seen = map_concurrently(lambda it: _seen(asker, it[1], known.bases.get(it[0]), today), missing.items())
    found = dict(zip(missing, seen, strict=True))
    bases = {name: _kept(found.get(name), known.bases.get(name)) for name in needed.bases}
    wheels = {name: old_wheels.get(name) or _resolved(wanted) for name, wanted in needed.wheels.items()}
    conda = {name: old_conda.get(name) or _solved(cell) for name, cell in needed.conda.items()}
    pythons = {name: old_pythons.get(name) or _found(cell) for name, cell in needed.pythons.items()}
    after = _facts(bases, {**wheels, **conda, **pythons}, needed.used)
    old = _facts(known.bases, {**known.wheels, **known.conda, **known.pythons}, needed.used)
    moved = any(old[name] != fact for name, fact in after.items() if name in old)
    since = {name: known.dated(name) for name, fact in after.items() if old.get(name) == fact}
    epoch = today if moved else known.epoch
    return Lock(
        epoch, bases, wheels, conda, pythons, {name: day for name, day in since.items() if day != epoch}
    )


def _facts(
    bases: Mapping[str, LockedBase], packages: Mapping[str, object], used: frozenset[str]
) -> dict[str, object]:
    """What images are made of, by name: bases on platforms, and sets of packages."""
    found: dict[str, object] = {
        on(name, platform): digest
        for name, base in bases.items()
        for platform, digest in base.platforms.items()
        if not used or on(name, platform) in used
    }
    return {**found, **packages}


def _seen(asker: Asker, base: Base, known: LockedBase | None, today: date) -> LockedBase:
    """The base as the first place that has it shows it; a place that cannot be asked is passed over.

    Raises:
        BuilderError: (22) when no place has it, (24) when two places have different images, and what a
            place ended with that could not be asked, when no other has it.
    """
    answers = BaseAnswers({place.repository: asker.base(place, known) for place in base.places})
    _refuse_disagreement(base, answers)
    for place, found in answers.found.items():
        return LockedBase(found.index, found.platforms, today, str(place))
    places = ", ".join(map(str, base.places))
    for trouble in answers.untold.values():
        raise BuilderError(trouble.code, trouble.why, fix=trouble.fix, where=places)
    raise BuilderError(
        ExitCode.NOT_FOUND,
        f"there is no base image {base.name}",
        fix="Choose another `os` or `cuda`, or correct the source's `repository` and `mirrors`. "
        "`python -m builder check` names the nearest that exist.",
        where=places,
    )


def _refuse_disagreement(base: Base, answers: BaseAnswers) -> None:
    if differing := answers.disagreement:
        platform, told = next(iter(differing.items()))
        said = "; ".join(f"{place} has {digest.short}" for place, digest in told.items())
        raise BuilderError(
            ExitCode.DIGEST_MISMATCH,
            f"the places of {base.name} disagree on {platform}: {said}",
            fix="Bring the mirrors up to date, or take out the one that is wrong.",
            where=", ".join(map(str, answers.found)),
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


def _solved(cell: Cell) -> tuple[LockedPackage, ...]:
    wanted = environment(cell)
    assert wanted is not None  # noqa: S101  cells without one need none
    with _for(cell):
        return solve(wanted, alias_from_environment())


def _found(cell: Cell) -> tuple[LockedPackage, ...]:
    wanted = managed(cell)
    assert wanted is not None  # noqa: S101  cells without one need none
    with _for(cell):
        return find(wanted, mirror_from_environment())


@contextmanager
def _for(cell: Cell) -> Iterator[None]:
    """Errors name the cell and its line."""
    try:
        yield
    except BuilderError as error:
        what = f"{target_name((cell,))} on {cell.platform}: {error.what}"
        raise BuilderError(error.code, what, fix=error.fix, where=cell.where) from error

"""From cells and a lock to builds: what Buildx would be asked, for every target and platform."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from builder.bake import context
from builder.bake.definition import Attestations, Build, bake_name
from builder.bake.dockerfile import Python, render
from builder.bake.labels import labels
from builder.bake.recipe import Recipe
from builder.engine.indexes import find_links_from_environment, index_of
from builder.matrix.conda.environment import Environment, environment
from builder.matrix.expansion.bases import Base, base_of
from builder.matrix.expansion.lenders import lender, lender_name
from builder.matrix.expansion.managed import ManagedPython, managed
from builder.matrix.expansion.wheels import WheelSet, wheel_set
from builder.matrix.lock import Lock, epoch_seconds, on
from builder.matrix.schema import Matrix
from builder.model.app import App
from builder.model.cell import Cell, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository


def builds(matrix: Matrix, lock: Lock, targets: Iterable[Target]) -> tuple[Build, ...]:
    """The build of every cell; the rules have made sure that the lock has what they need.

    Raises:
        BuilderError: (4) for a cell of which the tables know no base or no wheels.
    """
    folders = find_links_from_environment()
    given = _Given(matrix, lock, cache(lambda wanted: index_of(wanted, folders)))
    return tuple(_build(given, target.name, cell) for target in targets for cell in target.cells)


def with_parents(builds: Iterable[Build]) -> tuple[Build, ...]:
    """These builds, those that they are built over and what lends them a Python; each once, these last."""
    found: dict[str, Build] = {}
    for build in builds:
        before = (build.lender, *build.parents.values())
        found |= {one.name: one for one in before if one and one.name not in found}
        found.setdefault(build.name, build)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Given:
    """What all builds of a family share; `index` is the PyTorch index of a set of wheels."""

    matrix: Matrix
    lock: Lock
    index: Callable[[WheelSet], str]


def _build(given: _Given, target: str, cell: Cell) -> Build:
    matrix, lock = given.matrix, given.lock
    try:
        base, wanted, asked, own = base_of(matrix, cell), wheel_set(cell), environment(cell), managed(cell)
    except LookupError as error:
        # A rule that only warns, because the tables may be behind, lets such cells through.
        fix = "Choose what the tables know, or bring them up to date with scripts/update_facts."
        raise BuilderError(ExitCode.INCOMPATIBLE, str(error), fix=fix, where=cell.where) from error
    locked = lock.bases[str(base.name)]
    digest = locked.platforms[cell.platform]
    epoch = _over_epoch(given, cell.app) if cell.app else _dated(lock, base, cell, wanted, asked, own)
    told = labels(cell, target, base.name, digest, epoch)
    if cell.app:
        return _over_parents(given, target, cell, cell.app, told, epoch)
    python = Python(
        wheels=lock.wheels[wanted.id] if wanted else (),
        environment=asked,
        conda=lock.conda[asked.id] if asked else (),
        managed=lock.pythons[own.id] if own else (),
    )
    dockerfile = render(cell, python, told)
    recipe = Recipe(
        cell=cell,
        dockerfile=dockerfile.text,
        context=context.digests(dockerfile.sources),
        base=digest,
        wheels=python.wheels,
        arguments={},
        exporter=_exporter(matrix),
        epoch=epoch_seconds(epoch),
        conda=python.conda,
        managed=python.managed,
    )
    place = Repository.parse(locked.place)
    return Build(
        name=bake_name(target, cell.platform.slug),
        target=target,
        recipe=recipe,
        images={"base": place.at(digest), "tools": place.at(locked.index)},
        staging=Repository.parse(matrix.staging),
        labels=told,
        attestations=_attestations(matrix),
        lender=_lender(given, cell),
        index=given.index(wanted) if wanted else "",
        budget=matrix.allowed(cell),
    )


def _over_parents(
    given: _Given, target: str, cell: Cell, app: App, told: Mapping[str, str], epoch: date
) -> Build:
    """The build of an app: what it holds of the family is told by the keys of its parents."""
    over = {str(one.cell.flavor): _build(given, one.target, one.cell) for one in app.parents}
    beside = {
        f"{one.cell.flavor}::{one.cell.platform}": _build(given, one.target, one.cell) for one in app.twins
    }
    recipe = Recipe(
        cell=cell,
        dockerfile=app.sources.text,
        context=app.sources.digests,
        base=None,
        wheels=(),
        arguments=app.arguments,
        exporter=_exporter(given.matrix),
        epoch=epoch_seconds(epoch),
        parents={flavor: build.key for flavor, build in over.items()},
    )
    return Build(
        name=bake_name(target, cell.platform.slug),
        target=target,
        recipe=recipe,
        images={},
        staging=Repository.parse(given.matrix.staging),
        labels=told,
        attestations=_attestations(given.matrix),
        parents=over,
        twins=beside,
        lender=_lender(given, cell),
        budget=given.matrix.allowed(cell),
    )


def _lender(given: _Given, cell: Cell) -> Build | None:
    found = lender(cell)
    return _build(given, lender_name(found), found) if found else None


def _dated(lock: Lock, base: Base, cell: Cell, *asked: WheelSet | Environment | ManagedPython | None) -> date:
    """The day from which everything that an image is made of is as it is."""
    return lock.dated(on(str(base.name), cell.platform), *(one.id for one in asked if one))


def _over_epoch(given: _Given, app: App) -> date:
    """The day from which all that an app is built over is as it is."""
    return max(
        _dated(
            given.lock,
            base_of(given.matrix, cell),
            cell,
            wheel_set(cell),
            environment(cell),
            managed(cell),
        )
        for cell in (parent.cell for parent in app.parents)
    )


def _attestations(matrix: Matrix) -> Attestations:
    asked = matrix.build
    scanner = asked.sbom if asked.sbom not in ("none", "syft") else ""
    provenance = asked.provenance if asked.provenance != "none" else ""
    return Attestations(provenance, scanner, listed=asked.sbom == "syft")


def _exporter(matrix: Matrix) -> dict[str, str]:
    return {"compression": matrix.build.compression}

"""From cells and a lock to builds: what Buildx would be asked, for every target and platform."""

from collections.abc import Iterable

from builder.bake import context
from builder.bake.definition import Build, bake_name
from builder.bake.dockerfile import render
from builder.bake.labels import labels
from builder.bake.recipe import Recipe
from builder.engine.resolver import find_links_from_environment, index_of
from builder.matrix.bases import base_of
from builder.matrix.lock import Lock
from builder.matrix.schema import Matrix
from builder.matrix.wheels import wheel_set
from builder.model.cell import Cell, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository


def builds(matrix: Matrix, lock: Lock, targets: Iterable[Target]) -> tuple[Build, ...]:
    """The build of every cell; the rules have made sure that the lock has what they need.

    Raises:
        BuilderError: (4) for a cell of which the tables know no base or no wheels.
    """
    return tuple(_build(matrix, lock, target, cell) for target in targets for cell in target.cells)


def _build(matrix: Matrix, lock: Lock, target: Target, cell: Cell) -> Build:
    try:
        base, wanted = base_of(matrix, cell), wheel_set(cell)
    except LookupError as error:
        # A rule that only warns, because the tables may be behind, lets such cells through.
        fix = "Choose what the tables know, or bring them up to date with scripts/update_facts."
        raise BuilderError(ExitCode.INCOMPATIBLE, str(error), fix=fix, where=cell.where) from error
    locked = lock.bases[str(base.name)]
    digest = locked.platforms[cell.platform]
    wheels = lock.wheels[wanted.id] if wanted else ()
    told = labels(cell, target.name, base.name, digest, lock)
    recipe = Recipe(
        cell=cell,
        dockerfile=render(cell, wheels, told),
        context=context.digests(),
        base=digest,
        wheels=wheels,
        arguments={},
        exporter={"compression": matrix.build.compression},
        epoch=lock.epoch_seconds,
    )
    place = Repository.parse(locked.place)
    return Build(
        name=bake_name(target.name, cell.platform.slug),
        target=target.name,
        recipe=recipe,
        base=place.at(digest),
        tools=place.at(locked.index),
        staging=Repository.parse(matrix.staging),
        labels=told,
        index=index_of(wanted, find_links_from_environment()) if wanted else "",
    )

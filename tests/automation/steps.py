"""Plans as values: targets with steps that are staged and tested as a test wants them."""

from collections.abc import Callable, Sequence

from builder.bake.definition import Build, bake_name
from builder.bake.recipe import Recipe
from builder.model.cell import Cell, Flavor, Level, Source, Target
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.pipeline.staging.plan import Step
from tests.servers.images import AMD64, ARM64

STAGING = Repository("registry.example", "acme/cuda-staging")
BASE = Reference(STAGING, digest=Digest.of(b"base"))


def targets(
    count: int, platforms: Sequence[Platform] = (AMD64, ARM64), *, require: Level = Level.CPU
) -> tuple[Target, ...]:
    """So many targets, `t000` and on, on these platforms."""
    return tuple(
        Target(f"t{i:03}", tuple(_cell(platform, f"12.{i}.0", require) for platform in platforms))
        for i in range(count)
    )


def steps(
    made: Sequence[Target],
    *,
    staged: Callable[[str, Platform], bool] = lambda _n, _p: False,
    passed: Callable[[str, Platform], frozenset[Level]] = lambda _n, _p: frozenset(),
) -> tuple[Step, ...]:
    """A step for every cell, in the order of a plan."""
    return tuple(
        Step(
            _build(target.name, cell),
            Digest.of(target.name.encode()) if staged(target.name, cell.platform) else None,
            passed(target.name, cell.platform),
        )
        for target in made
        for cell in target.cells
    )


def _cell(platform: Platform, cuda: str, require: Level) -> Cell:
    return Cell(Source.WHEELS, cuda, Flavor.BASE, "debian12", platform, require=require)


def _build(name: str, cell: Cell) -> Build:
    recipe = Recipe(cell, name, {}, Digest.of(b"base"), (), {}, {}, 0)
    return Build(
        bake_name(name, cell.platform.slug), name, recipe, {"base": BASE, "tools": BASE}, STAGING, {}
    )

"""cuda-libs-duplicated: torch's wheels bring libraries that the base has already."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Flavor, Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for flavor, cells in group(context.cells, _doubled).items():
        yield Hit(
            f"the base's flavor `{flavor}` and torch's wheels each bring CUDA's libraries",
            "Use the flavor `base`, to which torch brings what it needs, or the source `wheels`.",
            context.place(cells[0], "flavor"),
            cells,
        )


def _doubled(cell: Cell) -> Flavor | None:
    doubled = cell.source is Source.UPSTREAM and cell.torch and cell.flavor is not Flavor.BASE
    return cell.flavor if doubled else None


RULE = Rule(
    "cuda-libs-duplicated",
    Severity.WARNING,
    "CUDA's libraries are twice in the image: from the base, and from torch's wheels.",
    "Gigabytes for nothing, and a program may load two versions of one library.",
    "Use the flavor `base` with torch, or the source `wheels`, where torch and the toolkit share one tree.",
    _check,
)

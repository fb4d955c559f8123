"""The wheel of torch that a cell gets, or why none fits, for the rules that each look at a part of that."""

from collections.abc import Collection, Iterator

from builder.facts.torch import Wheel
from builder.facts.version import is_number
from builder.facts.wheels import Mismatch, NoWheel, fit
from builder.matrix.rules.rule import Context, Hit, group, warn_if
from builder.model.cell import Cell


def wheel_of(cell: Cell) -> Wheel | NoWheel | None:
    """What fits; None where torch does not come as a wheel, or the CUDA version is no version."""
    if not cell.torch or not cell.uses_wheels or (cell.cuda and not is_number(cell.cuda)):
        return None
    return fit(cell.torch, cell.cuda, cell.platform.architecture)


def hits(context: Context, mismatches: Collection[Mismatch]) -> Iterator[Hit]:
    """A hit for each reason why no wheel fits."""

    def missing(cell: Cell) -> NoWheel | None:
        found = wheel_of(cell)
        return found if isinstance(found, NoWheel) and found.mismatch in mismatches else None

    for found, cells in group(context.cells, missing).items():
        nearest = ", ".join(found.nearest[:3])
        yield Hit(
            found.why,
            f"Have one: torch {nearest}." if nearest else "Choose another CUDA, or leave torch out.",
            context.place(cells[0], "torch"),
            cells,
            warn_if(found.unverified),
        )

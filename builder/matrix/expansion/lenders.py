"""Images without Python, and those of the family's own making that lend them one for their tests."""

from collections.abc import Iterable

from builder.facts import systems
from builder.matrix.expansion.buildable import lent_python
from builder.model.cell import Cell, Flavor, Level, Source


def lender(cell: Cell) -> Cell | None:
    """What lends a Python to a cell's image: the plain image of its system; None where it has its own.

    Neither CUDA nor torch nor an app makes a difference to it, so that a family has few of them. It is staged
    and never released.
    """
    system = systems.system(cell.os)
    if cell.python or system is None:
        return None
    try:
        python = lent_python(system)
    except LookupError:
        return None  # python-needed says so
    return Cell(
        source=Source.CPU,
        cuda="",
        flavor=Flavor.BASE,
        os=cell.os,
        platform=cell.platform,
        python=python,
        require=Level.CPU,
        where=cell.where,
    )


def lender_name(cell: Cell) -> str:
    """The name of a lender's target, which no target of the matrix has."""
    return f"lender-{cell.os}-py{cell.python}"


def with_lenders(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """These cells, and each that lends to some of them once."""
    some = tuple(cells)
    return (*some, *dict.fromkeys(one for cell in some if (one := lender(cell))))

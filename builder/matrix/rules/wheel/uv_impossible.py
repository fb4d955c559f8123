"""uv-impossible: a cell that asks for a Python that uv manages and cannot have one."""

from collections.abc import Iterator

from builder.matrix.expansion.managed import managed
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for why, cells in group(context.cells, _hindrance).items():
        fix = "Choose another Python, system or source for these cells, or leave `env` at `pip`."
        yield Hit(why, fix, context.place(cells[0], "env"), cells)


def _hindrance(cell: Cell) -> str | None:
    if not cell.python:  # python-needed says so
        return None
    try:
        managed(cell)
    except LookupError as error:
        return str(error)
    return None


RULE = Rule(
    "uv-impossible",
    Severity.ERROR,
    "A Python that uv manages where there can be none: with a source that brings one, on a platform without "
    "archives, on a system too old to fetch with, or in a version that is none.",
    "There would be two Pythons in the image, or nothing to fetch.",
    "Choose another Python, system or source for these cells, or leave `env` at `pip`.",
    _check,
    firm=True,
)

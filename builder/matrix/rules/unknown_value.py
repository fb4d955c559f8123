"""unknown-value: an operating system or a CUDA version that is not one."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.cell import Cell, Flavor, Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    told = set()
    for cell in context.cells:
        for message, fix in _objections(cell):
            if message not in told:
                told.add(message)
                yield Hit(message, fix, cell.where)


def _objections(cell: Cell) -> Iterator[tuple[str, str]]:
    if systems.system(cell.os) is None:
        near = ", ".join(systems.nearest(cell.os)) or ", ".join(s.name for s in systems.systems())
        yield f"there is no operating system `{cell.os}`", f"Known: {near}."
    if cell.source is Source.CPU and cell.cuda:
        yield f"the source `cpu` has no CUDA {cell.cuda}", "Write `cuda: cpu`, or choose another source."
    if cell.source is Source.CPU and cell.flavor is not Flavor.BASE:
        yield (
            f"the source `cpu` has no flavor `{cell.flavor}`",
            "Use `base`: without CUDA there is nothing to add.",
        )


RULE = Rule(
    "unknown-value",
    Severity.ERROR,
    "A misspelt value would become a base image that does not exist.",
    _check,
)

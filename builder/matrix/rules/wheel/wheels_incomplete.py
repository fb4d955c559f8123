"""wheels-incomplete: the source `wheels` asked for a CUDA or a system that it cannot serve."""

from collections.abc import Iterator

from builder.facts import cuda as toolkits
from builder.facts import systems
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Source
from builder.model.finding import Severity

# What the templates can make a tree of wheels on.
_PACKAGE_MANAGERS = ("apt",)
_OWN = (Source.WHEELS, Source.CPU)


def _check(context: Context) -> Iterator[Hit]:
    for cuda, cells in group(context.cells, _incomplete).items():
        yield Hit(
            f"CUDA {cuda} cannot come from wheels: they are complete from 13.0 on",
            "Use the source `upstream` for it.",
            context.place(cells[0], "cuda"),
            cells,
        )
    for (os, source, manager), cells in group(context.cells, _elsewhere).items():
        yield Hit(
            f"{os} uses {manager}; the source `{source}` builds on apt systems",
            "Use the source `upstream`, or a Debian or Ubuntu.",
            context.place(cells[0], "os"),
            cells,
        )


def _incomplete(cell: Cell) -> str | None:
    release = toolkits.release(cell.cuda)  # cuda-never-released says when there is none
    return cell.cuda if cell.source is Source.WHEELS and release and not release.has_complete_wheels else None


def _elsewhere(cell: Cell) -> tuple[str, Source, str] | None:
    system = systems.system(cell.os)
    if cell.source not in _OWN or system is None or system.package_manager in _PACKAGE_MANAGERS:
        return None
    return cell.os, cell.source, system.package_manager


RULE = Rule(
    "wheels-incomplete",
    Severity.ERROR,
    "The source `wheels` cannot serve this CUDA, or not on this system.",
    "Before 13.0 the wheels have no nvcc that fits into one tree; the build would fail at its last step.",
    "Use the source `upstream` for it, or a system with apt.",
    _check,
)

"""python-from-os: a Python that the operating system's own repositories do not have."""

from collections.abc import Iterator

from builder.facts import systems
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.model.cell import Cell, Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for (os, python), cells in group(context.cells, _missing).items():
        system = systems.system(os)
        if system is None:
            continue
        offered = [version for version in (system.python, *system.pythons) if version]
        yield Hit(
            f"{os} has Python {', '.join(offered)}, not {python}" if offered else f"{os} has no known Python",
            "Leave `python` out, or choose a system that has it." if offered else "Choose another system.",
            context.place(cells[0], "python", "os"),
            cells,
            warn_if("python" in system.unverified),
        )


def _missing(cell: Cell) -> tuple[str, str] | None:
    system = systems.system(cell.os)
    if system is None or cell.source is Source.NGC_PYTORCH:
        return None
    return None if cell.python and system.has_python(cell.python) else (cell.os, cell.python)


RULE = Rule(
    "python-from-os",
    Severity.ERROR,
    "The operating system's own repositories do not have this Python.",
    "Images take Python from the system, so that its updates arrive; there would be no package of it.",
    "Leave `python` out for the system's own, or choose a system that has the version.",
    _check,
)

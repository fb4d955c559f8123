"""glibc-too-old: an operating system whose C library is older than torch's wheels need."""

from collections.abc import Iterator

from builder.facts import systems
from builder.facts.torch import Wheel
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.matrix.rules.wheel.fits import wheel_of
from builder.model.cell import Cell
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for (os, torch, floor), cells in group(context.cells, _too_old).items():
        system = systems.system(os)
        if system is None:
            continue
        yield Hit(
            f"{os} has glibc {system.glibc}, and the wheels of torch {torch} need {floor}",
            "Choose a newer system, or a torch from before 2.7.",
            context.place(cells[0], "os"),
            cells,
            warn_if("glibc" in system.unverified),
        )


def _too_old(cell: Cell) -> tuple[str, str, str] | None:
    system, wheel = systems.system(cell.os), wheel_of(cell)
    if system is None or not isinstance(wheel, Wheel) or system.has_glibc(wheel.glibc):
        return None
    return cell.os, cell.torch, wheel.glibc


RULE = Rule(
    "glibc-too-old",
    Severity.ERROR,
    "The system's C library is older than torch's wheels need.",
    "From 2.7 on torch needs glibc 2.28; older systems find no wheel, and a forced one does not load.",
    "Choose a newer operating system, or an older torch.",
    _check,
)

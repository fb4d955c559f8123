"""component-drift: a part of CUDA that is not of the toolkit's own version."""

from collections.abc import Iterator

from builder.facts import torch as torches
from builder.facts.torch import Wheel
from builder.facts.version import is_number, minor
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.matrix.rules.wheel.fits import wheel_of
from builder.model.cell import Cell, Source
from builder.model.finding import Severity

# The parts whose wheels have the toolkit's version; libraries such as cuBLAS count on their own.
_VERSIONED = ("nvidia-cuda-", "nvidia-nvvm")


def _check(context: Context) -> Iterator[Hit]:
    cells = [cell for cell in context.cells if cell.source is Source.WHEELS and is_number(cell.cuda)]
    for (torch, toolkit, cuda), some in group(cells, _other_toolkit).items():
        yield Hit(
            f"torch {torch} requires cuda-toolkit {toolkit}, and the cell pins {cuda}",
            f"Take CUDA {toolkit} with this torch.",
            context.place(some[0], "cuda"),
            some,
        )
    for (wheel, cuda), some in group(cells, lambda cell: _drifted(context, cell)).items():
        yield Hit(
            f"the lock has {wheel} for CUDA {cuda}",
            "Name the part among the components, then run `python -m builder lock --update`.",
            some[0].where,
            some,
        )


def _other_toolkit(cell: Cell) -> tuple[str, str, str] | None:
    release, wheel = torches.release(cell.torch), wheel_of(cell)
    if release is None or not isinstance(wheel, Wheel) or not wheel.is_default:
        return None
    if release.toolkit is None or release.toolkit == cell.cuda:
        return None
    return cell.torch, release.toolkit, cell.cuda


def _drifted(context: Context, cell: Cell) -> tuple[str, str] | None:
    try:
        wanted = wheel_set(cell)
    except LookupError:
        return None
    locked = context.lock.wheels.get(wanted.id, ()) if context.lock and wanted else ()
    for wheel in locked:
        if wheel.name.startswith(_VERSIONED) and minor(wheel.version) != minor(cell.cuda):
            return f"{wheel.name} {wheel.version}", cell.cuda
    return None


RULE = Rule(
    "component-drift",
    Severity.ERROR,
    "A part of CUDA is, or may become, of another version than the toolkit.",
    "nvcc with the headers of a newer CUDA compiles what does not run: `unsupported PTX version`.",
    "Name every part among the components, and take the toolkit that torch requires.",
    _check,
)

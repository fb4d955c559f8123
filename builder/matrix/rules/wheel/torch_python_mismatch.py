"""torch-python-mismatch: a torch that has no wheel for this Python."""

from collections.abc import Iterator

from builder.facts import torch as torches
from builder.facts.version import is_number
from builder.matrix.rules.rule import Context, Hit, Rule, group, warn_if
from builder.model.cell import Cell
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for (torch, python, arch), cells in group(context.cells, _without).items():
        release = torches.release(torch)
        if release is None:
            continue
        offered = release.pythons[arch]
        having = [known.version for known in torches.releases() if python in known.pythons[arch]]
        advice = f", or torch {having[-1]}" if having else ""
        yield Hit(
            f"torch {torch} has no wheel for Python {python} on {arch}, only for {', '.join(offered)}",
            f"Choose one of these{advice}.",
            context.place(cells[0], "python", "torch"),
            cells,
            warn_if("pythons" in release.unverified),
        )


def _without(cell: Cell) -> tuple[str, str, str] | None:
    release = torches.release(cell.torch)
    if release is None or not is_number(cell.python) or not cell.uses_wheels:
        return None
    arch = cell.platform.architecture
    offered = release.pythons.get(arch, ())
    return None if not offered or cell.python in offered else (cell.torch, cell.python, arch)


RULE = Rule(
    "torch-python-mismatch",
    Severity.ERROR,
    "This torch has no wheel for this Python.",
    "pip would say that no version satisfies the requirement, or build from the source for hours.",
    "Choose a Python that the finding names, or another torch.",
    _check,
)

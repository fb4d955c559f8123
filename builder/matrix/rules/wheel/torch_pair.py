"""torch-pair: a torchvision or torchaudio that does not belong to its torch."""

from collections.abc import Iterator

from builder.facts import torch as torches
from builder.facts.wheels import companion_fits
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell
from builder.model.finding import Severity
from builder.model.location import Location


def _check(context: Context) -> Iterator[Hit]:
    for (package, version, torch), cells in group(context.cells, _wrong).items():
        yield Hit(
            f"{package} {version} does not go with torch {torch}",
            f"Write `{package}` without a version: it gets the one that belongs to torch.",
            _place(context, f"{package}=={version}"),
            cells,
        )


def _wrong(cell: Cell) -> tuple[str, str, str] | None:
    if torches.release(cell.torch) is None:
        return None  # torch-cuda-mismatch says so
    pairs = (companion.partition("==") for companion in cell.companions)
    wrong = ((name, version) for name, _, version in pairs if not companion_fits(name, version, cell.torch))
    name, version = next(wrong, ("", ""))
    return (name, version, cell.torch) if name else None


def _place(context: Context, companion: str) -> Location:
    """Where a pin is written: in an override, or for all."""
    for i, rule in enumerate(context.matrix.override):
        if companion in (rule.set.companions or ()):
            return context.locate("override", i, "set", "companions")
    return context.locate("companions")


RULE = Rule(
    "torch-pair",
    Severity.ERROR,
    "A companion is pinned to a version that belongs to another torch.",
    "Its compiled operators fail at import with `undefined symbol`, or pip replaces torch to please it.",
    "Write the companion without a version: it gets the one that belongs to torch.",
    _check,
)

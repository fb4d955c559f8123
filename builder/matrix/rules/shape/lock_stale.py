"""lock-stale: the lock does not know a base or a set of wheels that the matrix asks for."""

from collections.abc import Iterator

from builder.matrix.bases import base_of
from builder.matrix.conda.environment import environment
from builder.matrix.managed import managed
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.wheels import wheel_set
from builder.model.cell import Cell
from builder.model.finding import Severity

_FIX = "Run `python -m builder lock`."


def _check(context: Context) -> Iterator[Hit]:
    if context.lock is None:
        yield Hit("there is no lock beside the matrix", _FIX, context.locate())
        return
    for what, cells in sorted(_missing(context).items()):
        yield Hit(f"the lock does not have {what}", _FIX, cells[0].where, cells)


def _missing(context: Context) -> dict[str, list[Cell]]:
    assert context.lock is not None  # noqa: S101  the caller looked
    missing: dict[str, list[Cell]] = {}
    for cell in context.cells:
        try:
            base = str(base_of(context.matrix, cell).name)
            wheels, conda, own = wheel_set(cell), environment(cell), managed(cell)
        except LookupError:
            continue  # the rules on bases and on torch say so
        locked = context.lock.bases.get(base)
        if locked is None or cell.platform not in locked.platforms:
            missing.setdefault(f"{base} for {cell.platform}", []).append(cell)
        if wheels and wheels.id not in context.lock.wheels:
            missing.setdefault(f"the wheels {wheels.id}", []).append(cell)
        if conda and conda.id not in context.lock.conda:
            missing.setdefault(f"the environment {conda.id}", []).append(cell)
        if own and own.id not in context.lock.pythons:
            missing.setdefault(f"the archives of {own.id}", []).append(cell)
    return missing


RULE = Rule(
    "lock-stale",
    Severity.WARNING,
    "The lock lacks a base or wheels that the matrix asks for. Commands that build then refuse to start.",
    "Without a lock a build depends on the hour it runs at.",
    _FIX,
    _check,
    firm=True,
)

"""lock-stale: the lock does not know a base or a set of wheels that the matrix asks for."""

from collections.abc import Iterator

from builder.matrix.conda.environment import environment
from builder.matrix.expansion.bases import base_of
from builder.matrix.expansion.lenders import lender
from builder.matrix.expansion.managed import managed
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.lock import Lock
from builder.matrix.rules.rule import Context, Hit, Rule
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
        needed = [cell, *filter(None, (lender(cell),))]
        for what in dict.fromkeys(what for one in needed for what in _lacks(context, context.lock, one)):
            missing.setdefault(what, []).append(cell)
    return missing


def _lacks(context: Context, lock: Lock, cell: Cell) -> Iterator[str]:
    try:
        base = str(base_of(context.matrix, cell).name)
        wheels, conda, own = wheel_set(cell), environment(cell), managed(cell)
    except LookupError:
        return  # the rules on bases and on torch say so
    locked = lock.bases.get(base)
    if locked is None or cell.platform not in locked.platforms:
        yield f"{base} for {cell.platform}"
    if wheels and wheels.id not in lock.wheels:
        yield f"the wheels {wheels.id}"
    if conda and conda.id not in lock.conda:
        yield f"the environment {conda.id}"
    if own and own.id not in lock.pythons:
        yield f"the archives of {own.id}"


RULE = Rule(
    "lock-stale",
    Severity.WARNING,
    "The lock lacks a base or wheels that the matrix asks for. Commands that build then refuse to start.",
    "Without a lock a build depends on the hour it runs at.",
    _FIX,
    _check,
    firm=True,
)

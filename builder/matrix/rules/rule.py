"""What a rule is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from builder.matrix.rules.context import Context, Hit, Pattern, Tag
from builder.model.cell import Cell
from builder.model.finding import Severity

__all__ = ["Context", "Hit", "Pattern", "Rule", "Tag", "group", "warn_if"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its stable id: what it finds, what happens to users without it, and what to do.

    A firm rule cannot be lowered: without what it holds, nothing can be built or published. An online rule
    looks at what registries say, and says nothing where none was asked.
    """

    id: str
    severity: Severity
    what: str
    why: str
    fix: str
    check: Callable[[Context], Iterable[Hit]]
    firm: bool = False
    online: bool = False


def group(cells: Iterable[Cell], key: Callable[[Cell], K | None]) -> dict[K, list[Cell]]:
    """The cells by their key, in their order; those whose key is None are left out."""
    groups: dict[K, list[Cell]] = {}
    for cell in cells:
        if (found := key(cell)) is not None:
            groups.setdefault(found, []).append(cell)
    return groups


def warn_if(doubtful: object) -> Severity | None:
    """The severity of a hit that rests on doubtful facts: these may warn, never refuse."""
    return Severity.WARNING if doubtful else None

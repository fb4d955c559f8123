"""What a rule is, and what it looks at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from builder.matrix.expand import Expansion
from builder.matrix.load import Loaded
from builder.matrix.lock import Lock
from builder.matrix.schema import Matrix
from builder.model.cell import Cell, Target
from builder.model.finding import Severity
from builder.model.location import Location


@dataclass(frozen=True)
class Context:
    """All that a rule may look at. `lock` is None where there is none yet; `today` decides what has expired."""

    loaded: Loaded
    expansion: Expansion
    lock: Lock | None
    today: date

    @property
    def matrix(self) -> Matrix:
        """The matrix as written."""
        return self.loaded.matrix

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets."""
        return self.expansion.targets

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells."""
        return self.expansion.cells

    def locate(self, *path: str | int) -> Location:
        """Where this part of the matrix stands."""
        return self.loaded.document.locate(path)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a rule objects to. `severity` is given where it is milder than the rule's own."""

    message: str
    fix: str
    where: Location | None
    subjects: tuple[str, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its stable id; `why` is what happens to users without it."""

    id: str
    severity: Severity
    why: str
    check: Callable[[Context], Iterable[Hit]]

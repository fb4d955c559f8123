"""What is told about builds while they run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: finished and known steps, bytes moved and expected, and the step in hand.

    `left` are the seconds that it will take still, by what the last one took; None where nobody knows.
    """

    build: str
    done: int
    known: int
    moved: int
    expected: int
    step: str
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far all builds of a run are, and the seconds that they will take still; None where nobody knows."""

    done: int
    total: int
    left: int | None = None

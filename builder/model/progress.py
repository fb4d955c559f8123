"""What is told about a build while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: finished and known steps, bytes moved and expected, and the step in hand."""

    build: str
    done: int
    known: int
    moved: int
    expected: int
    step: str

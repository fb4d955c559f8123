"""What it took to have a blob in another repository."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Mounted:
    """The registry linked it; no byte went over the wire."""


@dataclass(frozen=True, slots=True)
class Copied:
    """It was read there and written here."""

    size: int


@dataclass(frozen=True, slots=True)
class Present:
    """It was there already."""


Outcome: TypeAlias = Mounted | Copied | Present

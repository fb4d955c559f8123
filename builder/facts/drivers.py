"""Branches of NVIDIA's driver."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from builder.facts.table import day, table, unverified
from builder.facts.version import parts


@dataclass(frozen=True, slots=True)
class DriverBranch:
    """A branch, as `580`; `kind` is `LTS`, `production` or `new_feature`.

    `max_cuda` is the highest CUDA major that it runs without a forward-compatibility package.
    """

    branch: int
    kind: str | None
    eol: date | None
    max_cuda: int
    unverified: frozenset[str]


@cache
def branches() -> tuple[DriverBranch, ...]:
    """All known branches, oldest first."""
    return tuple(
        DriverBranch(row["branch"], row.get("kind"), day(row, "eol"), row["max_cuda"], unverified(row))
        for row in table("drivers").data["branches"]
    )


def branch(number: int) -> DriverBranch | None:
    """What is known of a branch."""
    return next((known for known in branches() if known.branch == number), None)


def branch_of(driver: str) -> int:
    """The branch of a driver: 535 of `535.161.08`.

    Raises:
        ValueError: when a part of the version is not a number.
    """
    return parts(driver)[0]

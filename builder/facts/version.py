"""Compares the dotted numbers of toolkits, drivers and libraries."""

import re
from collections.abc import Iterable
from functools import cache

# No maker of versions needs more digits, and reading very many takes int() forever.
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}")


@cache
def parts(version: str) -> tuple[int, ...]:
    """The numbers of `13.0.2`, `580.95.05` or `2.28`.

    Raises:
        ValueError: when a part is not a number.
    """
    return tuple(int(part) for part in version.split("."))


def is_number(version: str) -> bool:
    """Whether `parts` can read a version that somebody wrote."""
    return _NUMBER.fullmatch(version) is not None


def minor(version: str) -> str:
    """`13.0` of `13.0.2`."""
    return ".".join(version.split(".")[:2])


def at_least(version: str, floor: str) -> bool:
    """Whether a version is the floor or newer; `580.65.6` equals `580.65.06`."""
    return parts(version) >= parts(floor)


def neighbours(version: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """What to take instead: the newest patch of the same minor, else those of the minors above and below.

    Empty when the version has no number to compare or there are no candidates.
    """
    if not is_number(version):
        return ()
    newest: dict[tuple[int, ...], str] = {}
    for candidate in sorted(candidates, key=parts):
        if candidate != version:
            newest[parts(candidate)[:2]] = candidate
    wanted = parts(version)[:2]
    if wanted in newest:
        return (newest[wanted],)
    above = [patch for key, patch in newest.items() if key > wanted][:1]
    below = [patch for key, patch in newest.items() if key < wanted][-1:]
    return (*above, *below)

"""Reads the tables, each once, and knows nothing of what they say."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("tables")
NAMES = ("cuda", "drivers", "emulators", "gpus", "hosts", "keys", "remedies", "systems", "tags", "torch")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its file has it, with the day its sources were read and what those were."""

    name: str
    about: str
    date: date
    sources: tuple[str, ...]
    data: Mapping[str, Any]


@cache
def table(name: str) -> Table:
    """Read `tables/<name>.json`."""
    data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Table(name, data["about"], date.fromisoformat(data["date"]), tuple(data["sources"]), data)


def day(row: Mapping[str, Any], field: str) -> date | None:
    """The day in a field of a row; None when the row has no such field."""
    text = row.get(field)
    return date.fromisoformat(text) if text else None


def unverified(row: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a row that nobody could check."""
    return frozenset(row.get("unverified", ()))


def close(word: str, candidates: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The candidates that look like a mistyped word, whatever its case; the likeliest first."""
    by_key = {candidate.casefold(): candidate for candidate in candidates}
    return tuple(by_key[key] for key in get_close_matches(word.casefold(), by_key, count))

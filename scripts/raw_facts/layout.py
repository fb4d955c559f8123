"""The one way in which tables are written, so that a change of one fact is a change of one line."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any


def dump(table: Mapping[str, Any]) -> str:
    """JSON with a line for each scalar at the top, and for each entry of a list; days are in ISO format."""
    return "{\n" + ",\n".join(f"{_line(key)}: {_entry(value)}" for key, value in table.items()) + "\n}\n"


def _entry(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"  {_line(item)}" for item in value) + "\n]"
    return _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_day)


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a table cannot hold {value!r}")

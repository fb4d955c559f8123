"""Driver branches."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raw_facts.read import REMARK, Row, trim


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Branches by number; one whose remark names no field is doubted as a whole."""
    rows = sorted(raw["driver_branches"], key=lambda row: row["branch"])
    return {"branches": [_branch(row) | overlay["rows"].get(row["branch"], {}) for row in rows]}


def _branch(row: Row) -> Row:
    return trim(
        {
            "branch": row["branch"],
            "kind": None if row["type"] == "unknown" else row["type"],
            "eol": date.fromisoformat(row["eol"]) if "eol" in row else None,
            "max_cuda": row["max_cuda_major"],
            "unverified": ["branch"] if REMARK in row else [],
        }
    )

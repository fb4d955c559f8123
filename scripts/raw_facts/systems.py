"""Operating systems."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raw_facts.read import RawError, Row, doubted, trim

_REMARKS = {
    "glibc": ["glibc"],
    "python": ["python"],
    "glibc, python, eol": ["eol", "glibc", "python"],
    "values are openSUSE Leap 16.0; the image is SUSE BCI 16": ["eol", "glibc", "image"],
}


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Systems by name; whether one is past its end of life, or old for torch, follows and is left out."""
    images = overlay["images"]
    unknown = [row["os"] for row in raw["os"] if row["os"] not in images]
    if unknown:
        raise RawError(f"overlay.yaml has no image for {unknown}")
    return {"systems": [_system(row, overlay) for row in sorted(raw["os"], key=lambda row: row["os"])]}


def _system(row: Row, overlay: Mapping[str, Any]) -> Row:
    doubts = {*doubted(row, _REMARKS), *(["image"] if row["os"] in overlay["unverified_images"] else [])}
    return trim(
        {
            "name": row["os"],
            "image": overlay["images"][row["os"]],
            "package_manager": row["pm"],
            "cuda_repo": row.get("cuda_repo"),
            "glibc": row["glibc"],
            "python": row.get("python3"),
            "pythons": overlay["pythons"].get(row["os"]),
            "eol": _date(row.get("eol")),
            "paid_eol": _date(row.get("eoes")),
            "unverified": sorted(doubts),
        }
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

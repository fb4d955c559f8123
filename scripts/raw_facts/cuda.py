"""CUDA toolkit releases, and what each minor compiles for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raw_facts.read import REMARK, Row, doubted, trim

_REMARKS = {
    "released_month": ["released"],
    "docs min_driver unknown": ["min_driver"],
    "docs min_driver unknown, runfile_driver from one third-party install script": [
        "min_driver",
        "shipped_driver",
    ],
    "docs min_driver unknown, whole row (PyPI only)": ["min_driver", "version"],
}


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Releases by version, minors by version; installers and checksums are left out."""
    wheels = {".".join(version.split(".")[:3]): version for version in raw["pypi_cuda_toolkit"]}
    rows = raw["releases"]
    versions = [row["version"] for row in rows]
    minors = list(dict.fromkeys(version.rpartition(".")[0] for version in versions))
    return {
        "never_released": sorted(
            {text.partition(" ")[0] for text in raw["not_released"]} - {*versions}, key=_number
        ),
        "minor_compat": [
            {"major": int(major), "min_driver": floor["min_driver"]}
            for major, floor in sorted(raw["minor_version_compat"].items())
        ],
        "complete_wheels_since": overlay["complete_wheels_since"],
        "loose_wheels": overlay["loose_wheels"],
        "minors": [{"minor": minor, **_compiles_for(raw["compute_capabilities"], minor)} for minor in minors],
        "releases": [_release(row, wheels) for row in sorted(rows, key=lambda row: _number(row["version"]))],
    }


def _release(row: Row, wheels: Mapping[str, str]) -> Row:
    return trim(
        {
            "version": row["version"],
            "status": row["status"],
            "min_driver": row.get("min_driver") or row.get("runfile_driver"),
            "shipped_driver": row.get("runfile_driver"),
            "require_branches": row.get("require_driver_branches"),
            "gcc_max": row.get("gcc_max"),
            "released": row.get("released") or row.get("released_month"),
            "images_since": date.fromisoformat(row["image_first_listed"])
            if "image_first_listed" in row
            else None,
            "wheel": wheels.get(row["version"]),
            "unverified": doubted(row, _REMARKS),
        }
    )


def _compiles_for(spans: list[Row], minor: str) -> Row:
    known: set[str] = set()
    guessed: set[str] = set()
    for span in spans:
        first = span["cuda"].removeprefix(">=").split(" - ")[0]
        if _number(first) > _number(minor):
            break
        if "sm" in span:
            known = set(span["sm"])
        (guessed if REMARK in span else known).update(span.get("adds", ()))
    return trim({"sm": sorted(known, key=_number), "unverified_sm": sorted(guessed, key=_number)})


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removesuffix(" (preview only)").split("."))

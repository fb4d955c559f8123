"""Cloud hosts."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from raw_facts.read import Row, doubted, trim

_REMARKS = {
    "gpu count": ["gpus"],
    "gpu counts": ["gpus"],
    "status: NDv2 retirement not confirmed": ["status"],
    "date (2023-08-31)": ["retired"],
    "retirement": ["status"],
    "size name, count": ["gpus", "size"],
    "status and counts": ["gpus", "status"],
}
_GRID = re.compile(r"GRID driver(?: (?P<grid>[\d.]+\d)| only \(AKS: (?P<aks>[\d.]+\d))?")
_CUDA = re.compile(r"AKS driver ([\d.]+\d)")
_ACCELERATOR = re.compile(r"attached accelerator (\S+)")


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Hosts by cloud and size, numbers in a size by their value."""
    hosts = [_host(cloud, row, overlay) for cloud in ("aws", "azure", "gcp") for row in raw[cloud]]
    return {"hosts": sorted(hosts, key=_order)}


def _order(host: Row) -> tuple[str, list[str | int], str]:
    words = re.split(r"(\d+)", host["size"])
    return (
        host["cloud"],
        [int(word) if word.isdigit() else word for word in words],
        host.get("accelerator", ""),
    )


def _host(cloud: str, row: Row, overlay: Mapping[str, Any]) -> Row:
    note = row.get("note", "")
    accelerator = _ACCELERATOR.search(note)
    cuda = not row["gpu"].startswith("AMD")
    doubts = doubted(row, _REMARKS)
    driver = dict(_driver(note))
    if not driver and cuda and row["status"] == "active" and cloud in overlay["usual_driver"]:
        driver = {"driver": overlay["usual_driver"][cloud]}
        doubts = sorted([*doubts, "driver"])
    return trim(
        {
            "cloud": cloud,
            "size": row["size"],
            "accelerator": accelerator[1] if accelerator else None,
            "gpu": row["gpu"],
            "cc": row.get("cc"),
            **_count(row.get("gpus")),
            "arch": row["arch"],
            **driver,
            "status": row["status"],
            "retired": date.fromisoformat(row["retired"]) if "retired" in row else None,
            "unverified": doubts,
        }
    )


def _count(gpus: int | str | list[int] | None) -> Row:
    match gpus:
        case int():
            return {"gpus": gpus}
        case "fractional":
            return {"share": "part"}
        case str():
            return {"share": gpus}
        case _:
            return {}


def _driver(note: str) -> Iterator[tuple[str, str | bool]]:
    if grid := _GRID.search(note):
        yield "grid", True
        if version := grid["grid"] or grid["aks"]:
            yield "driver", version
    elif cuda := _CUDA.search(note):
        yield "driver", cuda[1]

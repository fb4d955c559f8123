"""GPUs."""

from collections.abc import Mapping
from typing import Any

from raw_facts.read import RawError, Row, doubted, trim

_REMARKS = {
    "min_driver_branch": ["first_branch"],
    "min_driver_branch, cc by family": ["cc", "first_branch"],
    "last_cuda": ["last_cuda"],
}
_HOSTS = {"x86_64": "amd64", "arm64": "arm64"}
_MODULES = {"open kernel modules only": "open", "proprietary kernel module only": "proprietary"}


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """GPUs by compute capability, each with the names that it goes by."""
    names = overlay["names"]
    unnamed = [row["gpu"] for row in raw["gpus"] if row["gpu"] not in names]
    if unnamed:
        raise RawError(f"overlay.yaml has no names for {unnamed}")
    rows = sorted(raw["gpus"], key=lambda row: ([int(part) for part in row["cc"].split(".")], row["gpu"]))
    return {"gpus": [_gpu(row, names[row["gpu"]]) for row in rows]}


def _gpu(row: Row, names: list[str]) -> Row:
    host = row["host"]
    return trim(
        {
            "name": row["gpu"],
            "cc": row["cc"],
            "family": row["arch"],
            "arches": [_HOSTS[part] for part in host.split("|")] if host != "arm64-tegra" else None,
            "tegra": host == "arm64-tegra",
            "first_cuda": row["min_cuda"],
            "last_cuda": row.get("last_cuda"),
            "first_branch": row.get("min_driver_branch"),
            "last_branch": row.get("max_driver_branch"),
            "module": next((kind for words, kind in _MODULES.items() if words in row.get("note", "")), None),
            "names": names,
            "unverified": doubted(row, _REMARKS),
        }
    )

"""PyTorch's releases and wheels."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raw_facts.read import RawError, Row, doubted, trim

_RELEASE_REMARKS = {"released": ["released"]}
_WHEEL_REMARKS = {
    "min_driver": ["min_driver"],
    # Not stated by the row itself, whose only platform is x86_64.
    "aarch64 build (experimental)": [],
    "aarch64 arch list": ["archs_arm64"],
    "limited build (no Windows), arch/cudnn/nccl unknown": ["archs", "cudnn", "nccl"],
    "arch list; other 2.15 variants unknown": ["archs", "variants"],
}
_ARCHES = {"x86_64": "amd64", "aarch64": "arm64"}


def reshape(raw: Mapping[str, Any], overlay: Mapping[str, Any]) -> Row:
    """Releases and their CUDA wheels by version; the CPU wheel exists for each and has no row."""
    releases = sorted(raw["releases"], key=lambda row: [int(part) for part in row["torch"].split(".")])
    if raw["torchaudio_end"]["last"] != overlay["companions"][0]["from"]:
        raise RawError("torchaudio_end and the overlay's companions disagree")
    return {
        "companions": overlay["companions"],
        "releases": [_release(row) for row in releases],
        "wheels": [_wheel(release, row) for release in releases for row in release["variants"]],
    }


def _release(row: Row) -> Row:
    open_variants = any("variants" in doubted(wheel, _WHEEL_REMARKS) for wheel in row["variants"])
    return trim(
        {
            "version": row["torch"],
            "released": date.fromisoformat(row["released"]) if "released" in row else None,
            "torchvision": row["torchvision"],
            "torchaudio": row["torchaudio"],
            "default": {_ARCHES[machine]: variant for machine, variant in row["pypi"].items()},
            "toolkit": _toolkit(row.get("pypi_cuda_pin", "")),
            "python": row["python"],
            "python_arm64": row.get("python_aarch64"),
            "glibc": row["glibc_min"],
            "unverified": sorted([*doubted(row, _RELEASE_REMARKS), *(["variants"] if open_variants else [])]),
        }
    )


def _toolkit(pin: str) -> str | None:
    package, _, version = pin.partition(" ")
    return version if package == "cuda-toolkit" else None


def _wheel(release: Row, row: Row) -> Row:
    doubts = [field for field in doubted(row, _WHEEL_REMARKS) if field != "variants"]
    return trim(
        {
            "torch": release["torch"],
            "variant": row["cuda"],
            "arches": [_ARCHES[machine] for machine in row["platforms"]],
            "archs": row.get("arch"),
            "archs_arm64": row.get("arch_aarch64"),
            "cudnn": row.get("cudnn"),
            "nccl": row.get("nccl"),
            "min_driver": row["min_driver"],
            "glibc": row.get("glibc"),
            "unverified": doubts,
        }
    )

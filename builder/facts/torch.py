"""PyTorch's releases and wheels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from builder.facts.archs import ArchList
from builder.facts.table import day, table, unverified
from builder.facts.version import parts

CPU = "cpu"
INDEX = "https://download.pytorch.org/whl"


@dataclass(frozen=True, slots=True)
class TorchRelease:
    """A release of torch with its companions.

    `default` is the variant that a plain install gets, by architecture; `toolkit` the exact `cuda-toolkit`
    that this one requires; `pythons` are by architecture too, with a `t` for free-threaded builds. With
    `variants` in `unverified` there may be more wheels than the table has.
    """

    version: str
    released: date | None
    torchvision: str
    torchaudio: str
    default: Mapping[str, str]
    toolkit: str | None
    pythons: Mapping[str, tuple[str, ...]]
    glibc: str
    unverified: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel of torch for one architecture.

    `cuda` is the minor it was built with, None for CPU-only. `archs` is None when not known. `min_driver` is
    the floor for its SASS; its PTX needs the toolkit's own. `is_default` is whether a plain install gets it.
    """

    torch: str
    variant: str
    arch: str
    cuda: str | None
    archs: ArchList | None
    cudnn: str | None
    nccl: str | None
    min_driver: str | None
    glibc: str
    is_default: bool
    unverified: frozenset[str]

    @property
    def index(self) -> str:
        """The package index that serves it."""
        return f"{INDEX}/{self.variant}"

    @property
    def local_version(self) -> str:
        """Its version on that index: `2.9.1+cu128`."""
        return f"{self.torch}+{self.variant}"


@cache
def releases() -> tuple[TorchRelease, ...]:
    """All known releases, oldest first."""
    return tuple(
        TorchRelease(
            version=row["version"],
            released=day(row, "released"),
            torchvision=row["torchvision"],
            torchaudio=row["torchaudio"],
            default=row["default"],
            toolkit=row.get("toolkit"),
            pythons={"amd64": tuple(row["python"]), "arm64": tuple(row.get("python_arm64", row["python"]))},
            glibc=row["glibc"],
            unverified=unverified(row),
        )
        for row in table("torch").data["releases"]
    )


@cache
def _by_version() -> dict[str, TorchRelease]:
    return {release.version: release for release in releases()}


def release(version: str) -> TorchRelease | None:
    """The release of this version."""
    return _by_version().get(version)


@cache
def wheels(torch: str, arch: str) -> tuple[Wheel, ...]:
    """The CUDA wheels of a release for one architecture, oldest CUDA first."""
    known = release(torch)
    if known is None:
        return ()
    rows = (row for row in table("torch").data["wheels"] if row["torch"] == torch and arch in row["arches"])
    column = "archs_arm64" if arch == "arm64" else "archs"
    found = (
        Wheel(
            torch=torch,
            variant=row["variant"],
            arch=arch,
            cuda=_cuda_of(row["variant"]),
            archs=ArchList.parse(row[column]) if column in row else None,
            cudnn=row.get("cudnn"),
            nccl=row.get("nccl"),
            min_driver=row["min_driver"],
            glibc=row.get("glibc", known.glibc),
            is_default=known.default.get(arch) == row["variant"],
            unverified=_doubts(row, arch),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda wheel: parts(wheel.cuda or "0")))


def cpu_wheel(torch: str, arch: str) -> Wheel | None:
    """The CPU-only wheel of a release, which each has for each architecture."""
    known = release(torch)
    if known is None:
        return None
    return Wheel(
        torch=torch,
        variant=CPU,
        arch=arch,
        cuda=None,
        archs=ArchList(()),
        cudnn=None,
        nccl=None,
        min_driver=None,
        glibc=known.glibc,
        is_default=known.default.get(arch) == CPU,
        unverified=frozenset(),
    )


def _cuda_of(variant: str) -> str:
    digits = variant.removeprefix("cu")
    return f"{digits[:-1]}.{digits[-1]}"


def _doubts(row: Mapping[str, Any], arch: str) -> frozenset[str]:
    doubts = unverified(row)
    of_arm64 = {"archs"} if arch == "arm64" and "archs_arm64" in doubts else set()
    return doubts - {"archs_arm64"} | of_arm64

"""The tags of nvidia/cuda: what NVIDIA lists for a CUDA version on a system, and how it spells them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from builder.facts.table import day, table, unverified
from builder.facts.version import parts

_TAG = re.compile(r"(?P<cuda>[0-9]+(?:\.[0-9]+)*)-(?P<flavor>[a-z0-9-]+)-(?P<os>[a-z]+[0-9.]*)")
_CUDNN = re.compile(r"cudnn[0-9]*")
# NVIDIA named cuDNN's major in the tag up to 12.3.2, the only version with 9, and no longer from 12.4.
_FIRST_CUDNN9 = (12, 3)
_FIRST_CUDNN = (12, 4)


class TagStatus(StrEnum):
    """What NVIDIA's documents say of a tag.

    `EOL`: it exists and is not patched any more. `UNLISTED`: dropped from the documents. `DELETED`: its
    deletion was announced, and it may still be there. `OBSERVED`: newer than the documents, seen in use.
    """

    SUPPORTED = "supported"
    EOL = "eol"
    UNLISTED = "unlisted"
    DELETED = "deleted"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Listing:
    """The tags of one CUDA version on one operating system.

    `flavors` are in NVIDIA's spelling; with `flavors` in `unverified` there may be more, and
    `unverified_flavors` are those of which only others' Dockerfiles speak. `arches` is empty when nobody
    knows. `cudnn_arches` are those that have the cuDNN flavors. `cudnn` is the version last seen, which
    NVIDIA may raise under the same tag. `src` says where `arches` was read.
    """

    cuda: str
    os: str
    status: TagStatus
    flavors: tuple[str, ...]
    unverified_flavors: tuple[str, ...]
    arches: tuple[str, ...]
    cudnn_arches: tuple[str, ...]
    cudnn: str | None
    since: date | None
    src: str
    unverified: frozenset[str]

    @property
    def has_cudnn(self) -> bool:
        """Whether any of its flavors brings cuDNN."""
        return any(flavor.startswith("cudnn") for flavor in self.flavors)


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A repository that NVIDIA has given up, since when, and the one that took its place."""

    repository: str
    since: date
    use: str


@cache
def listings() -> Mapping[tuple[str, str], Listing]:
    """All listings by CUDA version and operating system, oldest CUDA first."""
    return {
        (row["cuda"], row["os"]): Listing(
            cuda=row["cuda"],
            os=row["os"],
            status=TagStatus(row["status"]),
            flavors=tuple(row["flavors"]),
            unverified_flavors=tuple(row.get("unverified_flavors", ())),
            arches=tuple(row.get("arches", ())),
            cudnn_arches=tuple(row.get("cudnn_arches", row.get("arches", ()))),
            cudnn=row.get("cudnn"),
            since=day(row, "since"),
            src=row["src"],
            unverified=unverified(row),
        )
        for row in table("tags").data["listings"]
    }


@cache
def versions(os: str) -> tuple[str, ...]:
    """The CUDA versions that have images on this operating system, oldest first."""
    return tuple(cuda for cuda, listed in listings() if listed == os)


@cache
def systems(cuda: str) -> tuple[str, ...]:
    """The operating systems on which this CUDA version has images."""
    return tuple(os for version, os in listings() if version == cuda)


@cache
def spell(cuda: str, flavor: str) -> str:
    """The flavor as tags of that version spell it: `cudnn-runtime` is `cudnn8-runtime` for 12.2.2."""
    minor = parts(cuda)[:2]
    word = "cudnn8" if minor < _FIRST_CUDNN9 else "cudnn9" if minor < _FIRST_CUDNN else "cudnn"
    return _CUDNN.sub(word, flavor)


def split(tag: str) -> tuple[str, str, str] | None:
    """The CUDA version, flavor and operating system of a tag; None when it is not made of these."""
    match = _TAG.fullmatch(tag)
    return (match["cuda"], match["flavor"], match["os"]) if match else None


def deprecated(repository: str) -> Deprecated | None:
    """What became of a repository, named with or without its registry: `docker.io/nvidia/cuda-arm64`."""
    for row in table("tags").data["deprecated"]:
        if f"/{repository}".endswith(f"/{row['repository']}"):
            return Deprecated(row["repository"], date.fromisoformat(row["since"]), row["use"])
    return None


def moves(cuda: str) -> tuple[str, ...]:
    """The cuDNN versions that the same tags of this CUDA version are known to have had, oldest first."""
    rows = table("tags").data["moved"]
    return next((tuple(row["cudnn"]) for row in rows if row["cuda"] == cuda), ())

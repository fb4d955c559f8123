"""Finds the upstream tag for a cell, or says why there is none and what to take instead."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from builder.facts import cuda as toolkits
from builder.facts import tags
from builder.facts.table import close, table
from builder.facts.tags import Listing, TagStatus
from builder.facts.version import neighbours, parts

_SURE: frozenset[str] = frozenset()
_DOUBTED = frozenset({"tag"})
_FULL_VERSION = 3


@dataclass(frozen=True, slots=True)
class UpstreamTag:
    """A tag of nvidia/cuda that exists; `unverified` may doubt `arches`, `cudnn`, `status`, or the `tag`.

    `flavor` is in NVIDIA's spelling. `arches` are those of this flavor, empty when nobody knows them.
    """

    cuda: str
    flavor: str
    os: str
    arches: tuple[str, ...]
    status: TagStatus
    cudnn: str | None
    unverified: frozenset[str]

    @property
    def tag(self) -> str:
        """As in `nvidia/cuda:<tag>`."""
        return f"{self.cuda}-{self.flavor}-{self.os}"


class Gap(StrEnum):
    """Why a tag is not there."""

    NOT_A_TAG = "not-a-tag"
    NEVER_RELEASED = "never-released"
    UNKNOWN_CUDA = "unknown-cuda"
    NO_IMAGE = "no-image"
    NO_OS = "no-os"
    NO_CUDNN = "no-cudnn"
    CUDNN_NAMING = "cudnn-naming"
    NO_FLAVOR = "no-flavor"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class NoTag:
    """A tag that does not exist: why, and the nearest that do, best first.

    With `tag` in `unverified` it may exist all the same: NVIDIA's documents have a gap there, or are older.
    """

    tag: str
    gap: Gap
    why: str
    nearest: tuple[str, ...]
    unverified: frozenset[str] = _SURE


@cache
def find(cuda: str, flavor: str, os: str) -> UpstreamTag | NoTag:
    """The tag for a full CUDA version, a flavor (`cudnn-runtime`, however spelled) and an operating system.

    A tag is found even where it lacks the platform that is wanted: its `arches` tell.
    """
    exists = toolkits.exists(cuda)
    spelled = tags.spell(cuda, flavor) if exists is not False else flavor
    tag = f"{cuda}-{spelled}-{os}"
    if exists is False:
        return NoTag(tag, Gap.NEVER_RELEASED, _why_no_cuda(cuda), _instead(cuda, flavor, os))
    if why := _absent(tag):
        return NoTag(tag, Gap.ABSENT, why, _instead(cuda, flavor, os))
    listing = tags.listings().get((cuda, os))
    if listing is None:
        gap, why = _why_no_listing(cuda, os, exists)
        return NoTag(tag, gap, why, _instead(cuda, flavor, os), _DOUBTED if _is_doubtful(cuda, os) else _SURE)
    if spelled not in listing.flavors:
        return _no_flavor(tag, listing, flavor)
    doubts = listing.unverified - {"flavors"} | (_DOUBTED if spelled in listing.unverified_flavors else _SURE)
    if spelled.startswith("cudnn"):
        return UpstreamTag(cuda, spelled, os, listing.cudnn_arches, listing.status, listing.cudnn, doubts)
    return UpstreamTag(cuda, spelled, os, listing.arches, listing.status, None, doubts - {"cudnn"})


def lookup(tag: str) -> UpstreamTag | NoTag:
    """What is known of a tag as somebody wrote it: `12.4.1-cudnn8-devel-ubuntu22.04` is spelled wrongly."""
    if why := _absent(tag):
        return NoTag(tag, Gap.ABSENT, why, ())
    words = tags.split(tag)
    if words is None:
        return NoTag(tag, Gap.NOT_A_TAG, f"{tag} is not <cuda>-<flavor>-<os>", ())
    cuda, written, os = words
    found = find(cuda, written, os)
    if isinstance(found, UpstreamTag) and found.flavor != written:
        why = f"CUDA {cuda} spells it {found.flavor}, not {written}"
        return NoTag(tag, Gap.CUDNN_NAMING, why, (found.tag,))
    return found


def _absent(tag: str) -> str | None:
    return next((row["why"] for row in table("tags").data["absent"] if row["tag"] == tag), None)


def _why_no_cuda(cuda: str) -> str:
    if toolkits.release(cuda):
        return f"CUDA {cuda} was only a preview"
    if len(cuda.split(".")) != _FULL_VERSION:
        return f"tags carry the full CUDA version, which {cuda} is not"
    return f"there was never a CUDA {cuda}"


def _why_no_listing(cuda: str, os: str, exists: bool | None) -> tuple[Gap, str]:
    if exists is None:
        return Gap.UNKNOWN_CUDA, f"CUDA {cuda} is newer than what is known since {table('tags').date}"
    if not tags.systems(cuda):
        return Gap.NO_IMAGE, f"CUDA {cuda} has no images"
    versions = tags.versions(os)
    if not versions:
        return Gap.NO_OS, f"nvidia/cuda has no images on {os}"
    return Gap.NO_OS, f"{os} has images from CUDA {versions[0]} to {versions[-1]}, but none of {cuda}"


def _no_flavor(tag: str, listing: Listing, flavor: str) -> NoTag:
    others = _on_same_os(listing.cuda, flavor, listing.os)
    # Of an observed version only some flavors were seen, which says nothing of the others.
    doubts = _DOUBTED if "flavors" in listing.unverified else _SURE
    if flavor.startswith("cudnn") and not listing.has_cudnn:
        hint = f"; {', '.join(others)} has" if others else ""
        why = f"{listing.cuda} has no cuDNN flavor on {listing.os}{hint}"
        return NoTag(tag, Gap.NO_CUDNN, why, _instead(listing.cuda, flavor, listing.os), doubts)
    why = f"{listing.cuda} on {listing.os} has {', '.join(listing.flavors)}, but not {flavor}"
    alike = tuple(f"{listing.cuda}-{name}-{listing.os}" for name in close(flavor, listing.flavors))
    return NoTag(tag, Gap.NO_FLAVOR, why, alike or _instead(listing.cuda, flavor, listing.os), doubts)


def _instead(cuda: str, flavor: str, os: str) -> tuple[str, ...]:
    same_os = (f"{other}-{tags.spell(other, flavor)}-{os}" for other in _on_same_os(cuda, flavor, os))
    systems = (other for other in tags.systems(cuda) if _has(cuda, flavor, other))
    return (*same_os, *(f"{cuda}-{tags.spell(cuda, flavor)}-{other}" for other in close(os, systems, 1)))


def _on_same_os(cuda: str, flavor: str, os: str) -> tuple[str, ...]:
    return neighbours(cuda, (other for other in tags.versions(os) if _has(other, flavor, os)))


def _has(cuda: str, flavor: str, os: str) -> bool:
    listing = tags.listings()[cuda, os]
    return listing.status is not TagStatus.DELETED and tags.spell(cuda, flavor) in listing.flavors


@cache
def _last_documented() -> tuple[int, ...]:
    return max(
        parts(known.cuda) for known in tags.listings().values() if known.status is not TagStatus.OBSERVED
    )


def _is_doubtful(cuda: str, os: str) -> bool:
    """Whether NVIDIA's documents may have forgotten it, or end before it."""
    return parts(cuda) > _last_documented() or {"cuda": cuda, "os": os} in table("tags").data["doubtful"]

"""When NVIDIA stops patching the images of a CUDA version, and from when it may delete them.

By its policy of 2022-10-28 images reach their end of life with the driver that the toolkit shipped with, with
a newer patch release, or when their major is no longer among the two newest; six months later their tags may
be deleted.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from builder.facts import cuda as toolkits
from builder.facts import drivers, tags
from builder.facts.cuda import CudaRelease
from builder.facts.table import table
from builder.facts.tags import TagStatus
from builder.facts.version import parts


@dataclass(frozen=True, slots=True)
class Forecast:
    """The end of the images of one CUDA version.

    `eol` is None where the day is not known: they have reached it if `superseded_by` names the patch release
    that took their place, else nobody can say. `deletable` is the day from which the tags may be gone.
    """

    cuda: str
    eol: date | None
    deletable: date | None
    superseded_by: str | None
    why: str
    unverified: frozenset[str]

    def is_eol(self, on: date) -> bool:
        """Whether the images get no more patches on that day."""
        return self.eol <= on if self.eol else self.superseded_by is not None


@dataclass(frozen=True, slots=True)
class _End:
    why: str
    day: date | None
    sure: bool


@cache
def forecast(cuda: str) -> Forecast | None:
    """What NVIDIA's policy means for the images of this version; None for a version without images."""
    release = toolkits.release(cuda)
    if release is None or not tags.systems(cuda):
        return None
    successor = next((known for known in _with_images() if _succeeds(known, release)), None)
    first = _first(list(_ends(release, successor)))
    months = table("tags").data["policy"]["months_to_deletion"]
    return Forecast(
        cuda,
        first.day,
        _after(first.day, months) if first.day else None,
        successor.version if successor else None,
        first.why,
        frozenset() if first.sure and not _contradicted(cuda, first.day) else frozenset({"eol"}),
    )


def _first(ends: list[_End]) -> _End:
    """The end that comes first. One without a day has come already, on a day before the table's."""
    past = [end for end in ends if end.day and end.day <= table("tags").date]
    undated = [end for end in ends if end.day is None]
    coming = [end for end in ends if end.day]
    unknown = _End("nobody knows the end of the driver that it shipped with", None, sure=False)
    return min(past or undated or coming or [unknown], key=lambda end: end.day or date.min)


def _ends(release: CudaRelease, successor: CudaRelease | None) -> Iterator[_End]:
    if successor:
        yield _end_with(successor, f"CUDA {successor.version} supersedes it")
    branch = drivers.branch(drivers.branch_of(release.shipped_driver)) if release.shipped_driver else None
    if branch and branch.eol:
        sure = "eol" not in branch.unverified and "shipped_driver" not in release.unverified
        yield _End(f"the driver branch {branch.branch} that it shipped with ends", branch.eol, sure)
    majors = table("tags").data["policy"]["supported_majors"]
    heir = next((known for known in _with_images() if known.major == release.major + majors), None)
    if heir:
        yield _end_with(heir, f"since CUDA {heir.version} its major is not among the {majors} newest")


def _end_with(newer: CudaRelease, why: str) -> _End:
    """The end that came with the images of a newer release.

    Of a month it is the first day: better warn early than late.
    """
    if newer.images_since:
        return _End(why, newer.images_since, sure=True)
    if newer.released:
        day = date.fromisoformat(f"{newer.released}-01"[:10])
        return _End(why, day, sure="released" not in newer.unverified)
    listed = (tags.listings()[newer.version, os] for os in tags.systems(newer.version))
    return _End(why, None, sure=any({*listing.flavors} - {*listing.unverified_flavors} for listing in listed))


@cache
def _with_images() -> tuple[CudaRelease, ...]:
    return tuple(known for known in toolkits.releases() if tags.systems(known.version))


def _succeeds(one: CudaRelease, other: CudaRelease) -> bool:
    return one.minor == other.minor and parts(one.version) > parts(other.version)


def _contradicted(cuda: str, day: date | None) -> bool:
    """Whether NVIDIA still lists as supported what its policy has ended."""
    statuses = {listing.status for listing in tags.listings().values() if listing.cuda == cuda}
    return TagStatus.SUPPORTED in statuses and day is not None and day <= table("tags").date


def _after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))

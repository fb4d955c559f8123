"""CUDA toolkit releases: which exist, what they compile for, and which drivers run their programs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from builder.facts import drivers
from builder.facts.table import day, table, unverified
from builder.facts.version import at_least, is_number, minor, neighbours, parts


class Status(StrEnum):
    """How NVIDIA released a version."""

    GA = "ga"
    PREVIEW = "preview"


class DriverSupport(StrEnum):
    """What a driver does for programs of a toolkit, without forward-compatibility packages.

    `MINOR` is NVIDIA's minor version compatibility: it runs SASS, but compiles no PTX.
    """

    FULL = "full"
    MINOR = "minor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CudaRelease:
    """One release of the toolkit.

    `min_driver` is the driver it was released with, needed for all features and for PTX; `minor_driver` is
    the floor of its major for programs that hold SASS. `require_branches` are the older data-centre branches
    on which NVIDIA's images of it start; empty when not known. `sm` is what nvcc compiles for, ascending.
    `wheel` is its version of the `cuda-toolkit` package. `released` is a day or a month in ISO format.
    """

    version: str
    status: Status
    min_driver: str | None
    minor_driver: str
    shipped_driver: str | None
    require_branches: tuple[int, ...]
    sm: tuple[str, ...]
    unverified_sm: tuple[str, ...]
    gcc_max: str | None
    released: str | None
    images_since: date | None
    wheel: str | None
    unverified: frozenset[str]

    @property
    def major(self) -> int:
        """`13` of `13.0.2`."""
        return parts(self.version)[0]

    @property
    def minor(self) -> str:
        """`13.0` of `13.0.2`."""
        return minor(self.version)

    @property
    def sm_range(self) -> tuple[str, str]:
        """The lowest and the highest compute capability that nvcc compiles for."""
        return self.sm[0], self.sm[-1]

    @property
    def has_complete_wheels(self) -> bool:
        """Whether its wheels hold the whole toolkit, nvcc included."""
        since = table("cuda").data["complete_wheels_since"]
        return self.wheel is not None and at_least(self.version, since)


@cache
def releases() -> tuple[CudaRelease, ...]:
    """All releases and previews, oldest first."""
    data = table("cuda").data
    floors = {row["major"]: row["min_driver"] for row in data["minor_compat"]}
    minors = {row["minor"]: row for row in data["minors"]}
    return tuple(
        CudaRelease(
            version=row["version"],
            status=Status(row["status"]),
            min_driver=row.get("min_driver"),
            minor_driver=floors[parts(row["version"])[0]],
            shipped_driver=row.get("shipped_driver"),
            require_branches=tuple(row.get("require_branches", ())),
            sm=tuple(minors[minor(row["version"])]["sm"]),
            unverified_sm=tuple(minors[minor(row["version"])].get("unverified_sm", ())),
            gcc_max=row.get("gcc_max"),
            released=row.get("released"),
            images_since=day(row, "images_since"),
            wheel=row.get("wheel"),
            unverified=unverified(row),
        )
        for row in data["releases"]
    )


@cache
def _by_version() -> dict[str, CudaRelease]:
    return {release.version: release for release in releases()}


def release(version: str) -> CudaRelease | None:
    """The release or preview of a full version, as `13.0.2`."""
    return _by_version().get(version)


@cache
def exists(version: str) -> bool | None:
    """Whether a full version was released for general use; None when it is newer than the table."""
    if known := release(version):
        return known.status is Status.GA
    if not is_number(version):
        return False
    if any(f"{version}.".startswith(f"{gone}.") for gone in table("cuda").data["never_released"]):
        return False
    same_minor = [known for known in releases() if known.minor == minor(version)]
    newest = (same_minor or releases())[-1]
    return None if parts(version) > parts(newest.version) else False


def nearest(version: str) -> tuple[str, ...]:
    """The releases to take instead of a version that does not exist."""
    return neighbours(version, (known.version for known in releases() if known.status is Status.GA))


def support(release: CudaRelease, driver: str) -> DriverSupport:
    """What this driver does for programs of that toolkit; at most `MINOR` when `min_driver` is not known.

    Raises:
        ValueError: when a part of the driver's version is not a number.
    """
    if release.min_driver and at_least(driver, release.min_driver):
        return DriverSupport.FULL
    return DriverSupport.MINOR if at_least(driver, release.minor_driver) else DriverSupport.NONE


def image_starts(release: CudaRelease, driver: str) -> bool | None:
    """Whether the NVIDIA Container Toolkit lets NVIDIA's image start, by its NVIDIA_REQUIRE_CUDA.

    It does when the driver knows the toolkit's minor, or is of a listed branch on a data-centre GPU; None
    when the branches of this image are not known.
    """
    of_minor = (known.min_driver for known in releases() if known.minor == release.minor)
    first = next((floor for floor in of_minor if floor), None)
    if first and at_least(driver, first):
        return True
    return drivers.branch_of(driver) in release.require_branches if release.require_branches else None


def loose_wheels(version: str, extra: str) -> tuple[str, ...]:
    """The packages that `cuda-toolkit[extra]` of this version leaves unpinned, to be pinned by hand."""
    return tuple(
        row["wheel"]
        for row in table("cuda").data["loose_wheels"]
        if row["extra"] == extra and at_least(version, row["since"])
    )


@cache
def majors() -> tuple[int, ...]:
    """The majors of CUDA that images are made of today, ascending."""
    return tuple(row["major"] for row in table("cuda").data["minor_compat"])


def driver_cuda(release: CudaRelease) -> str:
    """The oldest minor of CUDA whose drivers run this release's machine code: `13.0` of 13.2.1.

    It is what NVIDIA_REQUIRE_CUDA compares with the CUDA that a driver was made for.
    """
    floor = release.minor_driver
    known = (known for known in reversed(releases()) if known.min_driver)
    return next(known.minor for known in known if at_least(floor, known.min_driver or floor))


def component_pin(version: str) -> str:
    """The version specifier that holds a CUDA component to the toolkit's own minor: `==13.0.*`."""
    return f"=={minor(version)}.*"

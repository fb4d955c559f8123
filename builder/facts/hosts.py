"""Sizes of cloud machines: their GPUs, architecture and driver, and whether one can still have them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache

from builder.facts.table import close, day, table, unverified


class HostStatus(StrEnum):
    """Whether a cloud still offers a size; `NOT_LISTED` is absent from the newest list, nobody knows why."""

    ACTIVE = "active"
    RETIRED = "retired"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class Host:
    """A size of a cloud, as `azure:Standard_NC24ads_A100_v4`.

    `cc` is None for a GPU that is not NVIDIA's. `gpus` is their number, None when not known; `share` is the
    part of one GPU (`1/6`) where a machine has less than one. `driver` is what the cloud installs, None where
    the user's own image decides; `grid` marks a vGPU driver, for which forward-compatibility packages do not
    work.
    """

    cloud: str
    size: str
    accelerator: str | None
    gpu: str
    cc: str | None
    gpus: int | None
    share: str | None
    arch: str
    driver: str | None
    grid: bool
    status: HostStatus
    retired: date | None
    unverified: frozenset[str]

    @property
    def id(self) -> str:
        """How the matrix and the command line name it; attached GPUs follow a `+`."""
        return f"{self.cloud}:{self.size}" + (f"+{self.accelerator}" if self.accelerator else "")

    @property
    def has_cuda(self) -> bool:
        """Whether its GPU is NVIDIA's."""
        return self.cc is not None


@cache
def hosts() -> tuple[Host, ...]:
    """All known sizes, by cloud."""
    return tuple(
        Host(
            cloud=row["cloud"],
            size=row["size"],
            accelerator=row.get("accelerator"),
            gpu=row["gpu"],
            cc=row.get("cc"),
            gpus=row.get("gpus"),
            share=row.get("share"),
            arch=row["arch"],
            driver=row.get("driver"),
            grid=row.get("grid", False),
            status=HostStatus(row["status"]),
            retired=day(row, "retired"),
            unverified=unverified(row),
        )
        for row in table("hosts").data["hosts"]
    )


@cache
def _by_id() -> dict[str, Host]:
    return {host.id.casefold(): host for host in hosts()}


def find(id: str) -> Host | None:  # noqa: A002  it is the field's name
    """The size of this id, in any case; with attached GPUs that is `gcp:n1-standard-8+nvidia-tesla-t4`."""
    key = id.casefold()
    globs = (host for name, host in _by_id().items() if "*" in name and fnmatchcase(key, name))
    return _by_id().get(key) or next(globs, None)


def nearest(id: str) -> tuple[str, ...]:  # noqa: A002
    """The ids that look like this one."""
    return close(id, (host.id for host in hosts()))

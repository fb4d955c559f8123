"""Machines with GPUs, as the matrix and the command line name them."""

from dataclasses import dataclass, replace

from builder.facts import gpus, hosts
from builder.facts.gpus import Gpu
from builder.facts.hosts import Host, HostStatus
from builder.facts.version import is_number
from builder.matrix.schema import HostEntry
from builder.model.platform import Platform


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine on which images shall run.

    `cc` is None where its GPU is not NVIDIA's, `driver` where nobody says which one it has. `gone` says why
    one cannot have it any more. `grid` marks a vGPU driver. `doubts` are the fields that nobody could check.
    """

    name: str
    arch: str
    gpu: str
    cc: str | None
    driver: str | None
    known: Gpu | None = None
    grid: bool = False
    gone: str = ""
    doubts: frozenset[str] = frozenset()

    def __str__(self) -> str:
        doubt = " (not checked)" if "driver" in self.doubts else ""
        driver = f"driver {self.driver}{doubt}" if self.driver else "a driver of your choice"
        capability = f" (compute capability {self.cc})" if self.cc else ""
        return f"{self.name}: {self.gpu}{capability}, {self.arch}, {driver}"


def machine(entry: HostEntry) -> Machine:
    """The machine that an entry of `hosts:` means.

    Raises:
        LookupError: when the tables do not know it; the message names what looks like it.
    """
    platform = Platform.parse(entry.platform) if entry.platform else None
    if entry.size:
        return of_size(entry.size, driver=entry.driver)
    return of_gpu(entry.gpu or "", driver=entry.driver, arch=platform.architecture if platform else None)


def of_size(size: str, *, driver: str | None = None) -> Machine:
    """A cloud's size, with its own driver or another.

    Raises:
        LookupError: when the tables do not know it.
        ValueError: when the driver is no version.
    """
    host = hosts.find(size)
    if host is None:
        raise LookupError(_unknown(f"there is no size `{size}`", hosts.nearest(size)))
    known = gpus.find(host.gpu) if host.has_cuda else None
    doubts = host.unverified - {"driver"} if driver else host.unverified
    return Machine(
        name=size,
        arch=host.arch,
        gpu=host.gpu,
        cc=host.cc,
        driver=_version(driver) or host.driver,
        known=known,
        grid=host.grid and driver is None,
        gone=_gone(host),
        doubts=doubts & {"driver", "cc", "arch", "status"},
    )


def of_gpu(name: str, *, driver: str | None = None, arch: str | None = None) -> Machine:
    """A machine with this GPU; on amd64 where it exists for that and nothing else is said.

    Raises:
        LookupError: when the tables do not know the GPU, or not on that architecture.
        ValueError: when the driver is no version.
    """
    gpu = gpus.find(name)
    if gpu is None:
        raise LookupError(_unknown(f"there is no GPU `{name}`", gpus.nearest(name)))
    if not gpu.arches:
        raise LookupError(f"NVIDIA's images do not run on {gpu.name}: Jetson has its own, for L4T")
    if arch and arch not in gpu.arches:
        raise LookupError(f"{gpu.name} is not known on {arch}, only on {', '.join(gpu.arches)}")
    chosen = arch or ("amd64" if "amd64" in gpu.arches else gpu.arches[0])
    return Machine(name, chosen, gpu.name, gpu.cc, _version(driver), gpu, doubts=gpu.unverified & {"cc"})


def seen(name: str, cc: str, driver: str, arch: str) -> Machine:
    """A machine as its own driver describes it, whether or not the tables know the GPU."""
    found = Machine(name, arch, name, cc, driver)
    return replace(found, known=gpus.find(name))


def _version(driver: str | None) -> str | None:
    if driver is not None and not is_number(driver):
        raise ValueError(f"`{driver}` is no version of a driver; write 535.161.08")
    return driver


def _gone(host: Host) -> str:
    if host.status is HostStatus.RETIRED:
        return f"it was retired{f' on {host.retired}' if host.retired else ''}"
    return ""


def _unknown(what: str, near: tuple[str, ...]) -> str:
    return f"{what}; did you mean {', '.join(near)}?" if near else what

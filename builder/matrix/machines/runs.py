"""Whether an image runs on a machine, and if not, which layer breaks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from builder.facts import cuda as toolkits
from builder.facts import drivers, wheels
from builder.facts.archs import ArchList, Coverage
from builder.facts.cuda import CudaRelease, DriverSupport
from builder.facts.torch import Wheel
from builder.facts.version import at_least, parts
from builder.matrix.machines.machine import Machine
from builder.matrix.machines.needs import Needs, needs
from builder.model.cell import Cell


class Layer(StrEnum):
    """The layers below a program, from the machine up."""

    MACHINE = "machine"
    DRIVER = "driver"
    TOOLKIT = "toolkit"
    WHEELS = "wheels"


@dataclass(frozen=True, slots=True)
class Runs:
    """It runs: how the driver supports the toolkit and how the code reaches the GPU, where that is known."""

    support: DriverSupport | None
    coverage: Coverage | None
    notes: tuple[str, ...] = ()

    @property
    def gpu(self) -> bool:
        """Whether it uses the GPU: images without CUDA run anywhere."""
        return self.support is not None


@dataclass(frozen=True, slots=True)
class Breaks:
    """It does not run: the lowest layer that breaks, why (those above included), and what would help.

    `sure` is False where a fact behind it could not be checked.
    """

    layer: Layer
    why: str
    fix: str
    sure: bool = True


Verdict = Runs | Breaks


def runs(cell: Cell, machine: Machine) -> Verdict:
    """Whether this cell's image runs there; the lowest layer that breaks is named, and why those above do."""
    if cell.platform.architecture != machine.arch:
        why = f"the image is for {cell.platform.architecture}, the machine is {machine.arch}"
        return Breaks(Layer.MACHINE, why, f"Build it for linux/{machine.arch} too.")
    if not cell.cuda:
        return Runs(None, None)
    if machine.cc is None:
        return Breaks(Layer.MACHINE, f"{machine.gpu} is no GPU of NVIDIA's", "Use an image without CUDA.")
    return meets(needs(cell), machine, machine.cc)


def meets(needed: Needs, machine: Machine, cc: str) -> Verdict:
    """Whether a machine with a GPU of that compute capability has what an image needs."""
    broken = list(_broken(needed, machine, cc))
    if not broken:
        return _runs(needed, machine, cc)
    # What helps below is not enough where a layer above is broken too.
    return replace(broken[0], why="; ".join(one.why for one in broken), fix=broken[-1].fix)


def support(toolkit: CudaRelease | None, machine: Machine) -> DriverSupport:
    """What the machine's driver does for programs of a toolkit; all, where its user chooses the driver."""
    if toolkit is None or machine.driver is None:
        return DriverSupport.FULL
    return toolkits.support(toolkit, machine.driver)


def _broken(needed: Needs, machine: Machine, cc: str) -> Iterator[Breaks]:
    if machine.driver:
        yield from _driver(needed, machine, machine.driver)
    if needed.toolkit is None:
        return
    if below := list(_toolkit(needed.toolkit, cc)):
        yield from below
    elif needed.wheel:
        yield from _wheel(needed.wheel, needed.toolkit, machine, cc)


def _driver(needed: Needs, machine: Machine, driver: str) -> Iterator[Breaks]:
    sure = "driver" not in machine.doubts
    floor = needed.min_driver
    if floor and not at_least(driver, floor):
        grid = "; a vGPU driver takes no forward-compatibility package" if machine.grid else ""
        why = f"it needs driver {floor} or newer, and {driver} is there{grid}"
        yield Breaks(Layer.DRIVER, why, f"Update the driver, or take {_older(driver)}.", sure)
    known = machine.known
    if known and known.last_branch and drivers.branch_of(driver) > known.last_branch:
        why = f"driver {driver} has dropped {known.family}; branch {known.last_branch} is the last"
        doubted = known.unverified & {"last_branch"}
        yield Breaks(
            Layer.DRIVER, why, f"Install a driver of branch {known.last_branch}.", sure and not doubted
        )
    if needed.checked and needed.toolkit and toolkits.image_starts(needed.toolkit, driver) is False:
        why = f"NVIDIA's image of CUDA {needed.toolkit.version} refuses to start with driver {driver}"
        fix = "Take another driver branch, or set NVIDIA_DISABLE_REQUIRE=1 if the program is known to run."
        yield Breaks(Layer.DRIVER, why, fix, sure)


def _toolkit(toolkit: CudaRelease, cc: str) -> Iterator[Breaks]:
    if ArchList(toolkit.sm).covers(cc).runs:
        return
    sure = cc not in toolkit.unverified_sm
    lowest, highest = toolkit.sm_range
    if parts(cc) < parts(lowest):
        why = f"CUDA {toolkit.minor} has dropped compute capability {cc}; {lowest} is its lowest"
        yield Breaks(Layer.TOOLKIT, why, f"Take CUDA {toolkit.major - 1} or older.", sure)
    else:
        why = f"CUDA {toolkit.minor} does not know compute capability {cc}; {highest} is its highest"
        yield Breaks(Layer.TOOLKIT, why, "Take a newer CUDA.", sure)


def _wheel(wheel: Wheel, toolkit: CudaRelease, machine: Machine, cc: str) -> Iterator[Breaks]:
    if wheel.archs is None:
        return
    sure = not wheel.unverified & {"archs"}
    coverage = wheel.archs.covers(cc)
    if coverage is Coverage.NONE:
        named = f"torch {wheel.local_version} for {wheel.arch}"
        why = f"{named} has no code for compute capability {cc}, only for {wheel.archs}"
        yield Breaks(Layer.WHEELS, why, _other_torch(toolkit, wheel.arch, cc), sure)
    elif coverage is Coverage.PTX and support(toolkit, machine) is not DriverSupport.FULL:
        why = (
            f"torch {wheel.local_version} has only PTX for compute capability {cc}, which driver "
            f"{machine.driver} does not compile for CUDA {toolkit.minor}"
        )
        fix = f"Update the driver to {toolkit.min_driver}." if toolkit.min_driver else "Update the driver."
        yield Breaks(Layer.WHEELS, why, fix, sure)


def _runs(needed: Needs, machine: Machine, cc: str) -> Runs:
    granted = support(needed.toolkit, machine)
    notes = [needed.unknown] if needed.unknown else []
    if granted is DriverSupport.MINOR and needed.toolkit:
        older = f"driver {machine.driver} is older than CUDA {needed.toolkit.minor}"
        notes.append(f"by minor-version compatibility: {older}")
    if needed.wheel and needed.wheel.archs is None:
        notes.append(f"nobody could check for which GPUs torch {needed.wheel.local_version} was built")
    return Runs(granted, needed.archs.covers(cc) if needed.archs else None, tuple(notes))


def _older(driver: str) -> str:
    """The CUDA to take with a driver, in words."""
    branch = drivers.branch(drivers.branch_of(driver))
    return f"CUDA {branch.max_cuda} or older" if branch else "an older CUDA"


def _other_torch(toolkit: CudaRelease, arch: str, cc: str) -> str:
    for torch in wheels.fitting(toolkit.version, arch):
        wheel = wheels.fit(torch, toolkit.version, arch)
        if isinstance(wheel, Wheel) and wheel.archs and wheel.archs.covers(cc).runs:
            return f"torch {torch} ({wheel.variant}) has it."
    return f"No torch for CUDA {toolkit.minor} has it: take another CUDA."

"""Which Python wheels a cell needs, as requirements to be locked."""

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from builder.facts import systems
from builder.facts.cuda import component_pin, loose_wheels
from builder.facts.version import is_number
from builder.facts.wheels import NoWheel, fit
from builder.matrix.expansion.buildable import lent_python
from builder.model.cell import Cell, Flavor, Source
from builder.model.platform import Platform

# The toolkit's parts by flavor, named after the extras of NVIDIA's `cuda-toolkit` wheel. The split is that of
# NVIDIA's own images: base runs programs that carry their libraries, runtime has the libraries, devel builds.
_BASE = ("cudart",)
_LIBRARIES = (
    *("cublas", "cufft", "cufile", "curand", "cusolver", "cusparse", "npp", "nvfatbin", "nvjitlink"),
    *("nvjpeg", "nvrtc", "nvtx"),
)
_COMPILER = (
    *("cccl", "crt", "culibos", "cupti", "cuxxfilt", "nvcc", "nvml", "nvptxcompiler", "nvvm"),
    *("profiler", "sanitizer"),
)
COMPONENTS: Mapping[Flavor, tuple[str, ...]] = {
    Flavor.BASE: _BASE,
    Flavor.RUNTIME: (*_BASE, *_LIBRARIES, "nccl"),
    Flavor.CUDNN_RUNTIME: (*_BASE, *_LIBRARIES, "cudnn", "nccl"),
    Flavor.DEVEL: (*_BASE, *_LIBRARIES, *_COMPILER, "nccl"),
    Flavor.CUDNN_DEVEL: (*_BASE, *_LIBRARIES, *_COMPILER, "cudnn", "nccl"),
}
# These come as wheels of their own, one per CUDA major.
_SEPARATE = ("cudnn", "nccl")


@dataclass(frozen=True, slots=True)
class WheelSet:
    """What one resolution is asked: requirements in PEP 508 syntax for a Python on a platform.

    `variant` names the PyTorch index (`cu126`, `cpu`) that has what the default index lacks; empty for none.
    """

    platform: Platform
    python: str
    requirements: tuple[str, ...]
    variant: str = ""

    @property
    def id(self) -> str:
        """The name under which the lock keeps the answer."""
        return f"{self.platform} py{self.python} {' '.join(self.requirements)}"


def wheel_set(cell: Cell) -> WheelSet | None:
    """The wheels of a cell: pip at least, and nothing where the base or conda brings a Python of its own.

    Without a Python there are only those of CUDA, which hold no code for one; they are locked for the Python
    that fetches them.

    Raises:
        LookupError: when there is no such wheel of torch, or no such CUDA; the message says why.
    """
    if cell.cuda and not is_number(cell.cuda):
        raise LookupError(f"{cell.cuda} is no version of CUDA")
    if not cell.uses_wheels:
        return None
    requirements = ["pip"] if cell.python else []
    variant = ""
    if cell.torch:
        wheel = fit(cell.torch, cell.cuda, cell.platform.architecture)
        if isinstance(wheel, NoWheel):
            raise LookupError(wheel.why)
        variant = "" if wheel.is_default else wheel.variant
        requirements += [
            f"torch=={cell.torch}" + (f"+{variant}" if variant else ""),
            "numpy",
            *cell.companions,
        ]
    if cell.source is Source.WHEELS:
        requirements += toolkit_requirements(cell.cuda, cell.components)
    if not requirements:
        return None
    return WheelSet(cell.platform, _python(cell), tuple(sorted(requirements)), variant)


def _python(cell: Cell) -> str:
    system = systems.system(cell.os)
    return cell.python or (lent_python(system) if system else "")


def toolkit_requirements(cuda: str, components: tuple[str, ...]) -> list[str]:
    """The toolkit's wheels, each pinned by the toolkit's own release through its extras, or else here."""
    extras = ",".join(sorted(name for name in components if name not in _SEPARATE))
    major = Version(cuda).major
    separate = [f"nvidia-{name}-cu{major}" for name in _SEPARATE if name in components]
    loose = {wheel for name in components for wheel in loose_wheels(cuda, name)}
    return [
        f"cuda-toolkit[{extras}]=={cuda}",
        *separate,
        *(f"{wheel}{component_pin(cuda)}" for wheel in sorted(loose)),
    ]

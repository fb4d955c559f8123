"""What a cell's environment of conda's is made of, as a solver is asked for it."""

from dataclasses import dataclass

from builder.facts import systems
from builder.facts.version import at_least, is_number, minor, parts
from builder.model.cell import Cell, Env
from builder.model.platform import Platform

_SUBDIRS = {"amd64": "linux-64", "arm64": "linux-aarch64"}
_FORGE = "conda-forge"
# PyTorch's own channel has nothing after 2.5, and never had CUDA for arm64. Its `pytorch-cuda` chooses CUDA.
_OWN_CHANNELS = ("pytorch", "nvidia", _FORGE)
_FIRST_OF_FORGE = "2.6"


@dataclass(frozen=True, slots=True)
class Environment:
    """What one solve is asked.

    `channels` are names, the first to be preferred; `specs` are match specifications in conda's syntax;
    `virtual` are what the image and its host stand for: `__glibc=2.36`, and `__cuda` with the cell's CUDA.
    """

    platform: Platform
    channels: tuple[str, ...]
    specs: tuple[str, ...]
    virtual: tuple[str, ...]

    @property
    def id(self) -> str:
        """The name under which the lock keeps the answer."""
        parts = (str(self.platform), ",".join(self.channels), " ".join(self.virtual), "; ".join(self.specs))
        return " | ".join(parts)

    @property
    def subdir(self) -> str:
        """The platform as channels have it."""
        return _SUBDIRS[self.platform.architecture]

    @property
    def text(self) -> str:
        """The environment file."""
        lines = ["channels:", *(f"  - {name}" for name in (*self.channels, "nodefaults"))]
        return "\n".join([*lines, "dependencies:", *(f"  - {spec}" for spec in self.specs)])


def environment(cell: Cell) -> Environment | None:
    """The environment of a cell; None where it has none of conda's.

    Raises:
        LookupError: when there cannot be one; the message says why.
    """
    if cell.env is not Env.CONDA:
        return None
    if cell.platform.architecture not in _SUBDIRS:
        raise LookupError(f"conda has no packages for {cell.platform}")
    if cell.cuda and not is_number(cell.cuda):
        raise LookupError(f"{cell.cuda} is no version of CUDA")
    system = systems.system(cell.os)
    if system is None or not is_number(cell.python):
        raise LookupError(f"`{cell.os}` says no Python for its environment")
    virtual = ("__unix=0", "__linux=0", f"__glibc={system.glibc}")
    return Environment(
        platform=cell.platform,
        channels=cell.channels or (_OWN_CHANNELS if _is_old(cell) else (_FORGE,)),
        specs=(f"python {cell.python}.*", "pip", *_torch(cell), *cell.packages),
        virtual=(*virtual, f"__cuda={minor(cell.cuda)}") if cell.cuda else virtual,
    )


def _is_old(cell: Cell) -> bool:
    """Whether torch with this CUDA comes from PyTorch's own channel."""
    amd64 = cell.platform.architecture == "amd64"
    known = bool(cell.torch and cell.cuda) and is_number(cell.torch)
    return amd64 and known and not at_least(cell.torch, _FIRST_OF_FORGE)


def _torch(cell: Cell) -> tuple[str, ...]:
    """torch, what comes with it, and what holds CUDA to the cell's own."""
    companions = tuple(text.replace("==", " ==") for text in cell.companions)
    with_numpy = ("numpy", *companions)
    pin = f"cuda-version {minor(cell.cuda)}.*" if cell.cuda else ""
    if not cell.torch:
        return (pin,) if pin else ()
    if not cell.cuda:
        return f"pytorch =={cell.torch} cpu*", *with_numpy
    if _is_old(cell):
        major = parts(cell.cuda)[0]
        return f"pytorch =={cell.torch}", f"pytorch-cuda >={major},<={minor(cell.cuda)}", *with_numpy
    return f"pytorch =={cell.torch} cuda*", pin, *with_numpy

"""Points of the matrix, and the images made of them."""

from dataclasses import dataclass, field
from enum import StrEnum

from builder.model.app import App
from builder.model.location import Location
from builder.model.platform import Platform

CPU = "cpu"
NONE = "none"


class Source(StrEnum):
    """Where CUDA comes from."""

    UPSTREAM = "upstream"
    WHEELS = "wheels"
    NGC_PYTORCH = "ngc-pytorch"
    CPU = "cpu"

    @property
    def brings_cuda(self) -> bool:
        """Whether CUDA is in the base image."""
        return self in (Source.UPSTREAM, Source.NGC_PYTORCH)


class Env(StrEnum):
    """What Python and its packages come from.

    The system's Python and wheels, one that uv manages and wheels, or an environment of conda's.
    """

    PIP = "pip"
    UV = "uv"
    CONDA = "conda"


class Flavor(StrEnum):
    """How much of CUDA an image holds, in NVIDIA's words."""

    BASE = "base"
    RUNTIME = "runtime"
    CUDNN_RUNTIME = "cudnn-runtime"
    DEVEL = "devel"
    CUDNN_DEVEL = "cudnn-devel"

    @property
    def has_cudnn(self) -> bool:
        """Whether cuDNN is promised."""
        return self in (Flavor.CUDNN_RUNTIME, Flavor.CUDNN_DEVEL)

    @property
    def has_compiler(self) -> bool:
        """Whether nvcc is promised."""
        return self in (Flavor.DEVEL, Flavor.CUDNN_DEVEL)


class Level(StrEnum):
    """What a smoke test ran on. A receipt of a higher level serves where a lower one is asked for."""

    CPU = "cpu"
    GPU = "gpu"

    def satisfies(self, required: "Level") -> bool:
        """Whether a test on this level is enough where `required` is asked for."""
        return self is Level.GPU or required is Level.CPU


@dataclass(frozen=True, slots=True)
class Cell:
    """One point of the matrix. Empty text means that the image does without: no CUDA, no torch, no Python.

    `cuda` is a full version (`13.0.2`), or empty for the source `cpu`; `torch` and `python` are versions;
    `components` are the parts of the toolkit that come as wheels, `companions` what comes with torch, as
    `torchvision==0.28.0`. With an `app`, the flavor is that of its last stage. `channels` and `packages` are
    what an environment file adds to a cell of conda's, as it has them; without channels, torch's age decides.
    """

    source: Source
    cuda: str
    flavor: Flavor
    os: str
    platform: Platform
    torch: str = ""
    python: str = ""
    components: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    env: Env = Env.PIP
    channels: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    require: Level = Level.GPU
    app: App | None = None
    where: Location | None = field(default=None, compare=False)

    @property
    def uses_wheels(self) -> bool:
        """Whether what it has of Python's packages are wheels that the lock has."""
        return self.env is not Env.CONDA and self.source is not Source.NGC_PYTORCH

    def values(self) -> dict[str, str]:
        """Axis names and values as text, as selectors, templates and labels use them."""
        return {
            "source": str(self.source),
            "cuda": self.cuda or CPU,
            "flavor": str(self.flavor),
            "os": self.os,
            "platform": str(self.platform),
            "torch": self.torch or NONE,
            "python": self.python or NONE,
            "env": str(self.env),
            "app": self.app.name if self.app else "",
        }


@dataclass(frozen=True, slots=True)
class Target:
    """One image name with a cell for each of its platforms, sorted by platform."""

    name: str
    cells: tuple[Cell, ...]
    tags: tuple[str, ...] = ()
    rolling: tuple[str, ...] = ()

    @property
    def app(self) -> str:
        """The name of the app that it is; empty for an image of the family itself."""
        return self.cells[0].app.name if self.cells[0].app else ""

    @property
    def where(self) -> Location | None:
        """Where the matrix asks for it."""
        return self.cells[0].where

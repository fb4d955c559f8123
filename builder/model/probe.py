"""What goes into a run of the probe in a container, and what comes out of it."""

from dataclasses import dataclass
from enum import StrEnum

from builder.model.reference import Reference


class GpuPath(StrEnum):
    """By which way a container gets at the GPU."""

    TOOLKIT = "toolkit"
    CDI = "cdi"
    WSL2 = "wsl2"


@dataclass(frozen=True, slots=True)
class GpuAccess:
    """A way to GPUs and which of them: an index, a MIG slice such as `0:1`, or `all`.

    `count` is how many GPUs that gives, `version` that of the container toolkit or of the CDI specification.
    """

    path: GpuPath
    device: str
    count: int = 1
    version: str = ""

    def __str__(self) -> str:
        return f"{self.path} {self.version}".rstrip()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may use: wall-clock seconds, bytes of memory and of the writable /tmp, processes.

    Under emulation it may take three times the seconds.
    """

    seconds: int = 600
    memory: int = 16 << 30
    scratch: int = 2 << 30
    shared_memory: int = 1 << 30
    processes: int = 4096


@dataclass(frozen=True, slots=True)
class Lender:
    """An image whose Python others are tested with that have none, and that Python's version: `3.11`."""

    image: Reference
    python: str


@dataclass(frozen=True, slots=True)
class Lent:
    """A lender's Python in a volume of the engine."""

    lender: Lender
    volume: str


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """A container that ended. `exit` is docker run's: 125 to 127 when the engine could not start the program.

    `stdout` is the last part of what the container printed, `engine_error` what the engine said about it.
    """

    exit: int
    stdout: bytes
    engine_error: str
    seconds: float
    timed_out: bool = False

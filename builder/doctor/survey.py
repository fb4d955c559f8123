"""A machine as it was read: empty text, an empty tuple or None where there is nothing."""

from dataclasses import dataclass, field
from datetime import date

from builder.doctor.observation import Job


@dataclass(frozen=True, slots=True)
class System:
    """The distribution by os-release's words, and the machine as `uname -m` says it."""

    id: str = ""
    version: str = ""
    like: tuple[str, ...] = ()
    machine: str = "x86_64"


@dataclass(frozen=True, slots=True)
class Driver:
    """NVIDIA's kernel module and what belongs to it.

    `hardware` are the PCI addresses of NVIDIA GPUs, `gpus` the names that the loaded module gives them.
    `module` is the version of the loaded module, `installed` that of the one on disk for this kernel,
    `library` that of libcuda; `open` says which of the two modules is loaded. `nodes` are names in /dev.
    """

    hardware: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    module: str = ""
    open: bool | None = None
    installed: str = ""
    library: str = ""
    nodes: frozenset[str] = frozenset()
    nouveau: bool = False
    secure_boot: bool = False
    switches: int = 0
    fabric_manager: bool = False


@dataclass(frozen=True, slots=True)
class Wsl:
    """Windows' Linux: the version of its kernel, and whether GPU and driver come in from Windows."""

    kernel: str
    device: bool = False
    library: bool = False
    own_driver: bool = False


@dataclass(frozen=True, slots=True)
class Specification:
    """A CDI specification for NVIDIA's GPUs: where, its devices, the driver that its files are of.

    `missing` are the files that it names and that this machine does not have. `broken` says why it cannot
    be read.
    """

    path: str
    version: str = ""
    devices: tuple[str, ...] = ()
    driver: str = ""
    missing: tuple[str, ...] = ()
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Lending:
    """How containers can get at GPUs.

    `toolkit` is the container toolkit's version, `hook` says whether its runtime hook is there, `links`
    whether /dev/char has links to NVIDIA's devices, which systemd looks for.
    """

    toolkit: str = ""
    hook: bool = False
    specifications: tuple[Specification, ...] = ()
    links: bool = True


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine that docker talks to. `problem` is what docker said instead of an answer."""

    client: bool = False
    problem: str = ""
    version: str = ""
    system: str = ""
    runtimes: tuple[str, ...] = ()
    cdi_folders: tuple[str, ...] = ()
    cgroup_driver: str = ""
    containerd_store: bool = False
    root: str = ""


@dataclass(frozen=True, slots=True)
class Builder:
    """A Buildx builder with the platforms of all its nodes. `problem` is why it does not answer."""

    name: str
    driver: str
    platforms: tuple[str, ...]
    current: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Emulator:
    """An entry of binfmt_misc: for which architecture, by which program, and how the kernel opens it."""

    name: str
    arch: str
    interpreter: str
    version: str = ""
    flags: str = ""
    enabled: bool = True
    present: bool = True


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system that holds the engine's images, in bytes."""

    path: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Login:
    """A registry: where its login comes from, empty for none; or why that could not be read, with the fix."""

    registry: str
    origin: str = ""
    problem: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a matrix asks of a machine. Without one: its own platform, and a GPU to test on."""

    platforms: tuple[str, ...]
    gpu: bool = True
    torch: bool = True
    jobs: frozenset[Job] = field(default_factory=lambda: frozenset(Job))


@dataclass(frozen=True, slots=True)
class Survey:
    """All that was read of a machine, and when."""

    on: date
    system: System = System()
    driver: Driver = Driver()
    wsl: Wsl | None = None
    lending: Lending = Lending()
    engine: Engine = Engine()
    buildx: str = ""
    builders: tuple[Builder, ...] = ()
    emulators: tuple[Emulator, ...] = ()
    disk: Disk | None = None
    logins: tuple[Login, ...] = ()

"""What was seen in a container, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The machine around the container.

    `driver` is the loaded driver's version, `path` the way by which it lends GPUs to containers, empty for
    none. `wsl` says whether the machine is Windows' Linux.
    """

    driver: str = ""
    path: str = ""
    wsl: bool = False


@dataclass(frozen=True, slots=True)
class Nvml:
    """What nvidia-smi asks. `code` is what nvmlInit answers, None where there is no NVML."""

    code: int | None = None
    gpus: int = 0
    mig_gpus: int = 0
    slices: int = 0

    @property
    def works(self) -> bool:
        """Whether nvidia-smi would work."""
        return self.code == 0


@dataclass(frozen=True, slots=True)
class Libcuda:
    """The libcuda that programs get: its file, what cuInit answers, the newest CUDA it knows, and its GPUs.

    `code` is None where none could be loaded, `problem` then says why; `gpus` are `9.0 NVIDIA H200`.
    """

    code: int | None = None
    path: str = ""
    mounted: bool = False
    cuda: str = ""
    gpus: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cudart:
    """The image's CUDA runtime: its file, its version, and what it answers when asked for GPUs."""

    path: str = ""
    cuda: str = ""
    code: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Torch:
    """torch as it describes itself; `died` says how the process ended that imported it."""

    version: str = ""
    cuda: str = ""
    archs: tuple[str, ...] = ()
    available: bool = False
    works: bool = False
    problem: str = ""
    died: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was seen. `unseen` says why nothing was: the engine's or the container's last words."""

    unseen: str = ""
    exit: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    module: str = ""
    nvml: Nvml = Nvml()
    libcuda: Libcuda = Libcuda()
    cudart: Cudart = Cudart()
    torch: Torch | None = None
    cudnn: tuple[str, ...] = ()
    cudnn_loaded: tuple[str, ...] = ()

    @property
    def gpus(self) -> tuple[str, ...]:
        """The device files of GPUs."""
        return tuple(path for path in self.devices if path.removeprefix("/dev/nvidia").isdigit())


def evidence(results: Iterable[Mapping[str, Any]]) -> Evidence:
    """Read what the examination printed."""
    facts: dict[str, str] = {}
    failed: dict[str, str] = {}
    for result in results:
        facts |= result.get("facts") or {}
        if result.get("status") != "passed":
            failed[str(result.get("done"))] = str(result.get("detail"))
    return Evidence(
        variables=_under(facts, "variable."),
        devices=_under(facts, "device."),
        module=facts.get("module", ""),
        nvml=Nvml(
            _code(facts, "nvml.code"),
            *(_count(facts, name) for name in ("nvml.gpus", "mig.gpus", "mig.slices")),
        ),
        libcuda=Libcuda(
            code=_code(facts, "libcuda.code"),
            path=facts.get("libcuda.path", ""),
            mounted=bool(facts.get("libcuda.mounted")),
            cuda=facts.get("libcuda.cuda", ""),
            gpus=_lines(facts, "libcuda.gpus"),
            problem=facts.get("libcuda.problem", "") or failed.get("libcuda", ""),
        ),
        cudart=Cudart(
            path=facts.get("cudart.path", ""),
            cuda=facts.get("cudart.cuda", ""),
            code=_code(facts, "cudart.code"),
            problem=facts.get("cudart.problem", "") or failed.get("cudart", ""),
        ),
        torch=_torch(facts, failed.get("torch", "")),
        cudnn=_lines(facts, "cudnn.copies"),
        cudnn_loaded=_lines(facts, "cudnn.loaded"),
    )


def _torch(facts: Mapping[str, str], died: str) -> Torch | None:
    if not died and "torch.there" not in facts:
        return None
    return Torch(
        version=facts.get("torch.version", ""),
        cuda=facts.get("torch.cuda", ""),
        archs=tuple(facts.get("torch.archs", "").split()),
        available=bool(facts.get("torch.available")),
        works=bool(facts.get("torch.works")),
        problem=facts.get("torch.problem", ""),
        died=died,
    )


def _under(facts: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    return {name.removeprefix(prefix): value for name, value in facts.items() if name.startswith(prefix)}


def _code(facts: Mapping[str, str], name: str) -> int | None:
    text = facts.get(name, "")
    return int(text) if text.isdigit() else None


def _count(facts: Mapping[str, str], name: str) -> int:
    return _code(facts, name) or 0


def _lines(facts: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(facts.get(name, "").splitlines())

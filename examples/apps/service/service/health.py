"""How the GPU is, by using it."""

import ctypes
import os
from dataclasses import dataclass

import torch

CPU_COUNTS = "SERVICE_ALLOW_CPU"


@dataclass(frozen=True)
class Health:
    """What the service computes on; `problem` is empty where all is well."""

    device: str
    torch: str
    cuda: str | None = None
    gpu: str | None = None
    capability: str | None = None
    driver: str | None = None
    problem: str = ""


def health() -> Health:
    """The state right now. A GPU that is there and cannot add does not count."""
    if not torch.cuda.is_available():
        return Health("cpu", torch.__version__, torch.version.cuda, problem=_without_gpu())
    try:
        if torch.ones(1 << 10, device="cuda").sum().item() != 1 << 10:
            return _on_gpu(problem="the GPU cannot add")
        return _on_gpu()
    except RuntimeError as error:
        return Health("cuda", torch.__version__, torch.version.cuda, problem=f"the GPU failed: {error}")


def _on_gpu(problem: str = "") -> Health:
    major, minor = torch.cuda.get_device_capability()
    return Health(
        "cuda",
        torch.__version__,
        torch.version.cuda,
        torch.cuda.get_device_name(),
        f"{major}.{minor}",
        _driver(),
        problem,
    )


def _without_gpu() -> str:
    if os.environ.get(CPU_COUNTS) == "1":
        return ""
    why = "this torch was built without CUDA" if torch.version.cuda is None else "torch finds no GPU"
    return f"{why}; set {CPU_COUNTS}=1 where a CPU is enough"


def _driver() -> str | None:
    """The driver's version, from the management library that comes with it."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    text = ctypes.create_string_buffer(80)
    library.nvmlInit_v2()
    try:
        failed = library.nvmlSystemGetDriverVersion(text, len(text))
    finally:
        library.nvmlShutdown()
    return None if failed else text.value.decode()

"""The toolkit layer: the versions and the parts that the tag names, no more and no less."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import Any

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check, with_cuda, with_gpu
from builder.smoke.probes.driver import MEANING
from builder.smoke.probes.libraries import load
from builder.smoke.probes.promise import Facts, Promise

_HOME = Path("/usr/local/cuda")


@check(
    "toolkit.cudart",
    "the CUDA runtime is found by its name and has the tag's version",
    lane="toolkit",
    limit=30,
    wanted=with_cuda,
)
def cudart(promise: Promise, facts: Facts) -> str:
    """Asks the library; this needs no driver."""
    number = ctypes.c_int()
    _call(load("cudart"), "cudaRuntimeGetVersion", ctypes.byref(number))
    seen = facts["cudart"] = f"{number.value // 1000}.{number.value % 1000 // 10}"
    if seen != promise.cuda_minor:
        raise Failed(f"the runtime is {seen}, the cell says {promise.cuda}")
    return seen


@check(
    "toolkit.runtime",
    "the image's CUDA runtime works with the host's driver",
    lane="driver",
    limit=60,
    wanted=with_gpu,
)
def runtime(promise: Promise, _facts: Facts) -> str:
    """Counts GPUs and gets memory through cudart, as programs do."""
    library = load("cudart")
    count, memory = ctypes.c_int(), ctypes.c_void_p()
    pointer, size = ctypes.byref(memory), ctypes.c_size_t(1 << 20)
    _call(library, "cudaGetDeviceCount", ctypes.byref(count))
    _call(library, "cudaMalloc", pointer, size)
    _call(library, "cudaMemset", memory, 0, size)
    _call(library, "cudaFree", memory)
    if count.value != promise.gpus:
        raise Failed(f"the runtime sees {count.value} GPUs instead of {promise.gpus}")
    return f"{count.value} GPUs"


@check(
    "toolkit.declared",
    "what the image says of its own CUDA version is true",
    lane="toolkit",
    limit=5,
    wanted=with_cuda,
)
def declared(promise: Promise, _facts: Facts) -> str:
    """Compares /usr/local/cuda, its version.json and CUDA_VERSION with the cell, where they are there."""
    if not _HOME.is_dir():
        raise Failed(f"{_HOME} is missing")
    says = {"CUDA_VERSION": os.environ.get("CUDA_VERSION", "")}
    if (file := _HOME / "version.json").is_file():
        says[str(file)] = json.loads(file.read_text())["cuda"]["version"]
    wrong = {
        where: version
        for where, version in says.items()
        if version and not f"{version}.".startswith(f"{promise.cuda}.")
    }
    if wrong:
        raise Failed(f"{wrong}, but the cell says {promise.cuda}")
    return ", ".join(f"{where}={version or 'not set'}" for where, version in says.items())


@check(
    "flavor.libraries",
    "every library that the flavor promises is there and loads by its name",
    lane="toolkit",
    limit=60,
    wanted=with_cuda,
)
def libraries(promise: Promise, _facts: Facts) -> str:
    """None of them needs a driver to be loaded."""
    for stem in promise.libraries:
        load(stem)
    return " ".join(promise.libraries)


@check(
    "flavor.absent",
    "no library is there that the flavor does without",
    lane="files",
    limit=60,
    wanted=lambda promise: bool(promise.absent),
)
def absent(promise: Promise, _facts: Facts) -> str:
    """A base image with math libraries is some gigabytes that its users did not ask for."""
    return _none(*promise.absent)


@check(
    "flavor.no-compiler",
    "an image that is not for development has no nvcc",
    lane="files",
    limit=60,
    wanted=lambda promise: not promise.compiler,
)
def no_compiler(_promise: Promise, _facts: Facts) -> str:
    """Half a gigabyte, and a toolchain where there should be none."""
    return _none("nvcc", "cicc")


@check(
    "flavor.no-toolchain",
    "an image that is not for development has no host compiler and no CMake",
    lane="files",
    limit=60,
    wanted=lambda promise: not promise.compiler and not promise.flavor.endswith("devel"),
)
def no_toolchain(_promise: Promise, _facts: Facts) -> str:
    """What an app was built with stays in the stage that built it."""
    return _none("gcc", "g++", "cc1", "cc1plus", "clang", "clang++", "cmake")


@check(
    "toolkit.cudnn",
    "cuDNN says which version it is",
    lane="toolkit",
    limit=60,
    wanted=lambda promise: "cudnn" in promise.libraries,
)
def cudnn(_promise: Promise, facts: Facts) -> str:
    """Asks the library."""
    function = load("cudnn").cudnnGetVersion
    function.restype = ctypes.c_size_t
    number = int(function())
    unit = 10_000 if number >= 90_000 else 1_000  # noqa: PLR2004  the encoding changed with 9.0
    facts["cudnn"] = f"{number // unit}.{number % unit // 100}.{number % 100}"
    return facts["cudnn"]


@check(
    "toolkit.nccl",
    "NCCL says which version it is",
    lane="toolkit",
    limit=60,
    wanted=lambda promise: "nccl" in promise.libraries,
)
def nccl(_promise: Promise, facts: Facts) -> str:
    """Asks the library."""
    number = ctypes.c_int()
    _call(load("nccl"), "ncclGetVersion", ctypes.byref(number))
    facts["nccl"] = f"{number.value // 10_000}.{number.value % 10_000 // 100}.{number.value % 100}"
    return facts["nccl"]


def _call(library: ctypes.CDLL, function: str, *arguments: Any) -> None:
    if code := getattr(library, function)(*arguments):
        raise Failed(f"{function} returned {code}: {MEANING.get(code, 'an error')}")


def _none(*stems: str) -> str:
    if found := [path for stem in stems for path in inventory.copies(stem)]:
        raise Failed(f"not wanted here: {', '.join(found)}")
    return "none, as promised"


CHECKS: tuple[Check, ...] = (
    *(cudart, runtime, declared, libraries, absent, no_compiler, no_toolchain),
    *(cudnn, nccl),
)

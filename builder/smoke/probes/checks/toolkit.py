"""The toolkit layer: the versions and the parts that the tag names, no more and no less."""

from __future__ import annotations

import ctypes
import json
import os
import re
from pathlib import Path

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check, with_cuda
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
    error = load("cudart").cudaRuntimeGetVersion(ctypes.byref(number))
    if error:
        raise Failed(f"cudaRuntimeGetVersion returned {error}")
    seen = facts["cudart"] = f"{number.value // 1000}.{number.value % 1000 // 10}"
    if seen != promise.cuda_minor:
        raise Failed(f"the runtime is {seen}, the cell says {promise.cuda}")
    return seen


@check(
    "toolkit.declared",
    "what the image says of its own CUDA version is true",
    lane="toolkit",
    limit=5,
    wanted=with_cuda,
)
def declared(promise: Promise, facts: Facts) -> str:  # noqa: ARG001
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
    "flavor.math",
    "base has no math libraries, every other flavor has them and they load",
    lane="toolkit",
    limit=60,
    wanted=lambda promise: promise.bare or (bool(promise.cuda) and promise.flavor != "base"),
)
def math(promise: Promise, facts: Facts) -> str:  # noqa: ARG001
    """torch brings its own, so that base with torch is not asked."""
    if promise.bare:
        return _none(*inventory.MATH, "cublasLt")
    for stem in inventory.MATH:
        load(stem)
    return " ".join(inventory.MATH)


@check(
    "flavor.cudnn",
    "cuDNN is there if the flavor names it, and only then",
    lane="toolkit",
    limit=60,
    wanted=lambda promise: bool(promise.cuda) and ("cudnn" in promise.flavor or not promise.torch),
)
def cudnn(promise: Promise, facts: Facts) -> str:
    """Asks the library for its version, and compares the header's where the image has it."""
    if "cudnn" not in promise.flavor:
        return _none("cudnn")
    function = load("cudnn").cudnnGetVersion
    function.restype = ctypes.c_size_t
    number = int(function())
    unit = 10_000 if number >= 90_000 else 1_000  # noqa: PLR2004  the encoding changed with 9.0
    facts["cudnn"] = f"{number // unit}.{number % unit // 100}.{number % 100}"
    return facts["cudnn"]


@check(
    "flavor.nccl",
    "NCCL is missing in base, and loads where it is there",
    lane="toolkit",
    limit=60,
    wanted=lambda promise: bool(promise.cuda) and not promise.torch,
)
def nccl(promise: Promise, facts: Facts) -> str:
    """NVIDIA's runtime images have it for some operating systems and not for others."""
    if promise.bare:
        return _none("nccl")
    if not inventory.copies("nccl"):
        return "none"
    number = ctypes.c_int()
    if error := load("nccl").ncclGetVersion(ctypes.byref(number)):
        raise Failed(f"ncclGetVersion returned {error}")
    facts["nccl"] = f"{number.value // 10_000}.{number.value % 10_000 // 100}.{number.value % 100}"
    return facts["nccl"]


@check(
    "flavor.no-compiler",
    "an image that is not devel has no nvcc",
    lane="files",
    limit=60,
    wanted=lambda promise: not promise.compiler,
)
def no_compiler(promise: Promise, facts: Facts) -> str:  # noqa: ARG001
    """Half a gigabyte, and a toolchain where there should be none."""
    return _none("nvcc", "cicc")


def _none(*stems: str) -> str:
    if found := [path for stem in stems for path in inventory.copies(stem)]:
        raise Failed(f"not wanted here: {', '.join(found)}")
    return "none, as promised"


def header_version(path: Path, *names: str) -> str:
    """The dotted version that a header's `#define`s give."""
    text = path.read_text(errors="replace")
    parts = [re.search(rf"#define\s+{name}\s+(\d+)", text) for name in names]
    return ".".join(part[1] if part else "?" for part in parts)


CHECKS: tuple[Check, ...] = (cudart, declared, math, cudnn, nccl, no_compiler)

"""What an image promises by being a cell of the matrix."""

import json
from dataclasses import asdict

from builder.facts import cuda
from builder.model.cell import Cell, Flavor, Level, Source
from builder.smoke.probes.promise import Promise

# The library of each of the toolkit's components that has one whose origin matters.
_LIBRARIES = {
    "cudart": "cudart",
    "cublas": "cublas",
    "cufft": "cufft",
    "curand": "curand",
    "cusolver": "cusolver",
    "cusparse": "cusparse",
    "cudnn": "cudnn",
    "nccl": "nccl",
    "nvrtc": "nvrtc",
    "nvjitlink": "nvJitLink",
}
_MATH = ("cublas", "cufft", "curand", "cusolver", "cusparse", "nvrtc")


def expectation(cell: Cell, *, level: Level = Level.CPU, profile: str = "quick", gpus: int = 1) -> str:
    """The promise as the JSON text that the probe is given, and that the verdict compares.

    `level` is what the test is made on; `gpus` is how many GPUs the container gets, if it gets any.
    """
    libraries = _libraries(cell)
    absent = [] if cell.torch else [name for name in _optional(cell) if name not in libraries]
    promise = Promise(
        machine=cell.platform.machine,
        os=cell.os,
        source=str(cell.source),
        env=str(cell.env),
        flavor=str(cell.flavor),
        cuda=cell.cuda,
        torch=cell.torch,
        python=cell.python,
        libraries=libraries,
        absent=absent if cell.cuda else [],
        compiler=_compiler(cell),
        driver=_driver(cell),
        level=str(level),
        profile=profile,
        gpus=gpus if level is Level.GPU else 0,
        command=list(cell.app.test) if cell.app else [],
        seconds=cell.app.seconds if cell.app else 0,
    )
    return json.dumps(asdict(promise), sort_keys=True)


def _libraries(cell: Cell) -> list[str]:
    match cell.source:
        case Source.CPU:
            return []
        case Source.WHEELS:
            return [library for name, library in _LIBRARIES.items() if name in cell.components]
        case Source.UPSTREAM if cell.flavor is Flavor.BASE:
            return ["cudart"]
        case Source.UPSTREAM:
            return ["cudart", *_MATH, *(["cudnn"] if cell.flavor.has_cudnn else [])]
        case Source.NGC_PYTORCH:
            return ["cudart", *_MATH, "cudnn", "nccl"]


def _optional(cell: Cell) -> list[str]:
    """What an image may do without. NVIDIA's runtime images have NCCL for some operating systems only."""
    free = cell.source is Source.UPSTREAM and cell.flavor is not Flavor.BASE
    return [library for library in _LIBRARIES.values() if not (free and library in ("nccl", "nvJitLink"))]


def _compiler(cell: Cell) -> bool:
    if cell.source is Source.WHEELS:
        return "nvcc" in cell.components
    return cell.source is not Source.CPU and (cell.flavor.has_compiler or cell.source is Source.NGC_PYTORCH)


def _driver(cell: Cell) -> str:
    """The floor of the toolkit's major, by NVIDIA's minor version compatibility; empty if it is not known."""
    release = cuda.release(cell.cuda)
    return release.minor_driver if release else ""

"""The driver's two libraries: NVML, which nvidia-smi asks, and libcuda, which CUDA asks."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from builder.smoke.probes import inventory
from builder.smoke.probes.driver import version
from builder.smoke.probes.libraries import loaded
from builder.smoke.probes.promise import Facts, Promise

# cuda.h, CUdevice_attribute
_MAJOR, _MINOR = 75, 76


def nvml(_promise: Promise, facts: Facts) -> str:
    """Starts NVML; counts GPUs, those in MIG mode, and their slices."""
    facts["module"] = version()
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError as error:
        facts["nvml.problem"] = str(error)
        return "no NVML"
    facts["nvml.code"] = str(library.nvmlInit_v2())
    count = _number(library, "nvmlDeviceGetCount_v2")
    facts["nvml.gpus"] = str(count)
    handles = [_handle(library, index) for index in range(count)]
    facts["mig.gpus"] = str(sum(_in_mig_mode(library, handle) for handle in handles))
    facts["mig.slices"] = str(sum(_slices(library, handle) for handle in handles))
    return "NVML"


def libcuda(_promise: Promise, facts: Facts) -> str:
    """Loads libcuda as every program does, and asks it for its GPUs."""
    facts["libcuda.inside"] = "\n".join(inventory.copies("cuda"))
    try:
        library = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        facts["libcuda.problem"] = str(error)
        return "no libcuda"
    facts["libcuda.path"] = path = next(iter(loaded("cuda")), "")
    facts["libcuda.mounted"] = "yes" if inventory.from_outside(path) else ""
    facts["libcuda.code"] = str(library.cuInit(0))
    facts["libcuda.cuda"] = _dotted(_number(library, "cuDriverGetVersion"))
    if facts["libcuda.code"] == "0":
        count = _number(library, "cuDeviceGetCount")
        facts["libcuda.gpus"] = "\n".join(_describe(library, index) for index in range(count))
    return path


def cudart(_promise: Promise, facts: Facts) -> str:
    """Loads each CUDA runtime of the image, the linker's choice first, and lets it start."""
    copies = inventory.copies("cudart")
    facts["cudart.copies"] = "\n".join(copies)
    if not copies:
        return "no runtime"
    soname = ".".join(Path(copies[0]).name.split(".")[:3])
    try:
        library = ctypes.CDLL(soname)
    except OSError as error:
        facts["cudart.problem"] = str(error)
        library = ctypes.CDLL(copies[0])
    facts["cudart.path"] = next(iter(loaded("cudart")), "")
    facts["cudart.cuda"] = _dotted(_number(library, "cudaRuntimeGetVersion"))
    count = ctypes.c_int()
    facts["cudart.code"] = str(library.cudaGetDeviceCount(ctypes.byref(count)))
    return facts["cudart.cuda"]


def _number(library: Any, function: str, *arguments: Any) -> int:
    number = ctypes.c_int()
    found = getattr(library, function, None)
    if found is not None:
        found(*arguments, ctypes.byref(number))
    return number.value


def _dotted(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}" if number else ""


def _describe(library: Any, index: int) -> str:
    """Compute capability and name: `9.0 NVIDIA H200`."""
    name, device, part = ctypes.create_string_buffer(256), ctypes.c_int(), ctypes.c_int()
    library.cuDeviceGet(ctypes.byref(device), index)
    library.cuDeviceGetName(name, len(name), device)
    parts = []
    for attribute in (_MAJOR, _MINOR):
        library.cuDeviceGetAttribute(ctypes.byref(part), attribute, device)
        parts.append(str(part.value))
    return f"{'.'.join(parts)} {name.value.decode('utf-8', 'replace')}"


def _handle(library: Any, index: int) -> ctypes.c_void_p:
    handle = ctypes.c_void_p()
    library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle))
    return handle


def _in_mig_mode(library: Any, handle: ctypes.c_void_p) -> bool:
    current, pending = ctypes.c_uint(), ctypes.c_uint()
    answer = library.nvmlDeviceGetMigMode(handle, ctypes.byref(current), ctypes.byref(pending))
    return not answer and current.value == 1


def _slices(library: Any, handle: ctypes.c_void_p) -> int:
    """The MIG devices that this container may use."""
    if not _in_mig_mode(library, handle):
        return 0
    most, found = ctypes.c_uint(), ctypes.c_void_p()
    library.nvmlDeviceGetMaxMigDeviceCount(handle, ctypes.byref(most))
    get = library.nvmlDeviceGetMigDeviceHandleByIndex
    return sum(not get(handle, index, ctypes.byref(found)) for index in range(most.value))

"""NVIDIA's driver as an image meets it: libcuda and, for the driver's version, libnvidia-ml."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

from builder.smoke.probes.check import Failed

# cuda.h, CUdevice_attribute
_MAJOR, _MINOR = 75, 76
_LAUNCH = 256
# What cuInit and the CUDA runtime answer, and what it means for the one who reads the report.
MEANING = {
    3: "the driver is not initialised: the container may have lost its devices",
    34: "this libcuda is the stub that is meant for linkers",
    35: "the driver is older than the toolkit needs",
    46: "all GPUs are busy or unavailable; exclusive mode, or one in an error state",
    100: "no GPU was passed to the container, or CUDA_VISIBLE_DEVICES hides it",
    101: "no such GPU",
    802: "the GPU is not ready yet: on NVSwitch machines the fabric manager must run",
    803: "libcuda and the kernel module are of different driver versions",
    804: "a forward-compatibility libcuda on a GPU that does not support it",
    999: "unknown: often /dev/nvidia-uvm is missing, or the kernel module is in an error state",
}
# Multiplies and adds, in PTX that every driver since CUDA 9 compiles for every GPU since Maxwell.
_PTX = b"""
.version 6.0
.target sm_50
.address_size 64
.visible .entry scale(.param .u64 x, .param .u32 a, .param .u32 n)
{
    .reg .pred %p<2>;
    .reg .b32 %r<6>;
    .reg .b64 %d<4>;
    ld.param.u64 %d1, [x];
    ld.param.u32 %r1, [a];
    ld.param.u32 %r2, [n];
    mov.u32 %r3, %ctaid.x;
    mov.u32 %r4, %ntid.x;
    mov.u32 %r5, %tid.x;
    mad.lo.u32 %r3, %r3, %r4, %r5;
    setp.ge.u32 %p1, %r3, %r2;
    @%p1 bra DONE;
    cvta.to.global.u64 %d1, %d1;
    mul.wide.u32 %d2, %r3, 4;
    add.u64 %d3, %d1, %d2;
    ld.global.u32 %r4, [%d3];
    mad.lo.u32 %r4, %r4, %r1, %r3;
    st.global.u32 [%d3], %r4;
DONE:
    ret;
}
\0"""


class Driver:
    """The driver API, of which the smallest part that proves a GPU works."""

    def __init__(self, name: str = "libcuda.so.1") -> None:
        try:
            self._library = ctypes.CDLL(name)
        except OSError as error:
            raise Failed(f"{error}: the host's driver library was not mounted into the container") from error
        self._call("cuInit", 0)

    def _call(self, function: str, *arguments: Any) -> None:
        if code := getattr(self._library, function)(*arguments):
            meaning = MEANING.get(code)
            raise Failed(f"{function} returned {code}" + (f": {meaning}" if meaning else ""))

    def _number(self, function: str, *arguments: Any) -> int:
        number = ctypes.c_int()
        self._call(function, ctypes.byref(number), *arguments)
        return number.value

    def cuda(self) -> str:
        """The newest CUDA that the driver knows: `13.0`."""
        number = self._number("cuDriverGetVersion")
        return f"{number // 1000}.{number % 1000 // 10}"

    def count(self) -> int:
        """How many GPUs there are."""
        return self._number("cuDeviceGetCount")

    def name(self, index: int) -> str:
        """The GPU's name; a MIG slice has its profile in it."""
        text = ctypes.create_string_buffer(256)
        self._call("cuDeviceGetName", text, len(text), self._number("cuDeviceGet", index))
        return text.value.decode("utf-8", "replace")

    def capability(self, index: int) -> str:
        """The GPU's compute capability: `9.0`."""
        device = self._number("cuDeviceGet", index)
        major = self._number("cuDeviceGetAttribute", _MAJOR, device)
        return f"{major}.{self._number('cuDeviceGetAttribute', _MINOR, device)}"

    def memory(self, index: int) -> tuple[int, int]:
        """Bytes of memory: free and in all."""
        self._activate(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self._call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value, total.value

    def launch(self, index: int, factor: int, values: list[int]) -> list[int]:
        """Compile the PTX on this GPU and run it: each value times the factor, plus its index."""
        self._activate(index)
        module, function, memory = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint64()
        self._call("cuModuleLoadData", ctypes.byref(module), _PTX)
        self._call("cuModuleGetFunction", ctypes.byref(function), module, b"scale")
        host = (ctypes.c_uint32 * len(values))(*values)
        size = ctypes.c_size_t(ctypes.sizeof(host))
        self._call("cuMemAlloc_v2", ctypes.byref(memory), size)
        self._call("cuMemcpyHtoD_v2", memory, host, size)
        given = (memory, ctypes.c_uint32(factor), ctypes.c_uint32(len(values)))
        pointers = (ctypes.c_void_p * len(given))(*(ctypes.addressof(value) for value in given))
        blocks = -(-len(values) // _LAUNCH)
        self._call("cuLaunchKernel", function, blocks, 1, 1, _LAUNCH, 1, 1, 0, None, pointers, None)
        self._call("cuCtxSynchronize")
        self._call("cuMemcpyDtoH_v2", host, memory, size)
        self._call("cuMemFree_v2", memory)
        return list(host)

    def _activate(self, index: int) -> None:
        context = ctypes.c_void_p()
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(context), self._number("cuDeviceGet", index))
        self._call("cuCtxSetCurrent", context)


def version() -> str:
    """The driver's version, `580.159.04`, from NVML or the kernel module; empty where neither says it."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return _module_version(Path("/proc/driver/nvidia/version"))
    text = ctypes.create_string_buffer(96)
    if library.nvmlInit_v2() or library.nvmlSystemGetDriverVersion(text, len(text)):
        return _module_version(Path("/proc/driver/nvidia/version"))
    return text.value.decode("ascii", "replace")


def _module_version(path: Path) -> str:
    if not path.is_file():
        return ""
    found = re.search(r"Kernel Module.*?\s([0-9]+(?:\.[0-9]+)+)", path.read_text(errors="replace"))
    return found[1] if found else ""


def devices() -> list[str]:
    """The device files of GPUs in this container."""
    files = Path("/dev").iterdir()
    return sorted(str(file) for file in files if re.fullmatch(r"nvidia[0-9]+|dxg", file.name))

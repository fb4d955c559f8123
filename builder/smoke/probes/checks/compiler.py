"""The devel flavors: nvcc, its own headers, and a host compiler that it accepts."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.driver import Driver
from builder.smoke.probes.elf import describe
from builder.smoke.probes.promise import Facts, Promise

# The assertion holds headers, compiler and promise together: one of another release stops the compilation.
_SOURCE = """
#include <cstdio>
#include <cuda_runtime.h>
static_assert(CUDART_VERSION / 1000 == __CUDACC_VER_MAJOR__, "headers and compiler: major");
static_assert(CUDART_VERSION % 1000 / 10 == __CUDACC_VER_MINOR__, "headers and compiler: minor");
__global__ void scale(int n, int a, int *x) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] = a * x[i] + i;
}
extern "C" const char *scaled() {
    const int n = 1 << 16;
    static int host[n];
    for (int i = 0; i < n; ++i) host[i] = i % 1000;
    int *device = nullptr;
    cudaError_t error = cudaMalloc(&device, sizeof host);
    if (!error) error = cudaMemcpy(device, host, sizeof host, cudaMemcpyHostToDevice);
    if (!error) scale<<<n / 256, 256>>>(n, 7, device);
    if (!error) error = cudaGetLastError();
    if (!error) error = cudaMemcpy(host, device, sizeof host, cudaMemcpyDeviceToHost);
    cudaFree(device);
    if (error) return cudaGetErrorString(error);
    for (int i = 0; i < n; ++i)
        if (host[i] != 7 * (i % 1000) + i) return "computed something else";
    return "right";
}
int main() { return std::puts(scaled()) < 0; }
"""


def _wanted(promise: Promise) -> bool:
    return promise.compiler


@check("compiler.version", "nvcc is on PATH and is the tag's", lane="compiler", limit=30, wanted=_wanted)
def version(promise: Promise, facts: Facts) -> str:
    """Compares nvcc's release with the cell's minor version."""
    path = shutil.which("nvcc")
    if path is None:
        raise Failed("nvcc is not on PATH")
    text = _run(path, "--version").stdout
    found = re.search(r"release ([0-9.]+), V([0-9.]+)", text)
    if not found or found[1] != promise.cuda_minor:
        raise Failed(f"{path} says {text.strip()[-200:]!r}, the cell {promise.cuda}")
    facts["nvcc"] = found[2]
    return f"{found[2]} at {path}"


@check(
    "compiler.compiles",
    "nvcc, its headers and the host compiler agree: a kernel becomes a program",
    lane="compiler",
    limit=120,
    wanted=_wanted,
)
def compiles(promise: Promise, _facts: Facts) -> str:
    """Compiles and links for the toolkit's default architecture."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(Path(folder))
        kind = describe(program)
        if kind != f"ELF64 {promise.machine}":
            raise Failed(f"nvcc made {kind}")
        return f"{kind}, {program.stat().st_size} bytes"


@check(
    "compiler.runs",
    "what nvcc compiles for this GPU runs on it and computes what it should",
    lane="driver",
    limit=120,
    wanted=lambda promise: promise.compiler and promise.gpu,
)
def runs(_promise: Promise, _facts: Facts) -> str:
    """Machine code for the GPU at hand, no PTX that the driver would compile."""
    capability = Driver().capability(0).replace(".", "")
    with tempfile.TemporaryDirectory() as folder:
        options = ("-shared", "-Xcompiler=-fPIC", f"-gencode=arch=compute_{capability},code=sm_{capability}")
        scaled = ctypes.CDLL(str(build(Path(folder), *options))).scaled
    scaled.restype = ctypes.c_char_p
    said = scaled().decode()
    if said != "right":
        raise Failed(f"sm_{capability}: {said}")
    return f"sm_{capability}: {said}"


def build(folder: Path, *options: str) -> Path:
    """The test program, compiled; compiler messages end up in the failure."""
    source, program = folder / "scale.cu", folder / "scale"
    source.write_text(_SOURCE)
    done = _run("nvcc", *options, "-o", str(program), str(source))
    if done.returncode:
        raise Failed(f"nvcc exited with {done.returncode}: {(done.stdout + done.stderr).strip()[-1200:]}")
    return program


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


CHECKS: tuple[Check, ...] = (version, compiles, runs)

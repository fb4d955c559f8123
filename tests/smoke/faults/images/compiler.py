"""nvcc and the host's compilers: broken where they belong, there where they do not."""

from ..fault import ImageFault

_NVCC = """COPY --chmod=755 <<'SCRIPT' /opt/first/nvcc
#!/bin/sh
case $1 in --version) echo release 12.9, V12.9.86 ;; *) exec /usr/local/cuda/bin/nvcc "$@" ;; esac
SCRIPT
ENV PATH=/opt/first:/opt/venv/bin:/usr/bin:/bin"""
_HEADER = "/usr/local/cuda/include/cuda_runtime_api.h"

COMPILER = (
    ImageFault(
        "nvcc-off-path",
        "nvcc not on PATH",
        ("compiler.version", "compiler.compiles"),
        on="devel",
        lines=("ENV PATH=/opt/venv/bin:/usr/bin:/bin",),
    ),
    ImageFault(
        "other-nvcc",
        "an nvcc of another release",
        ("compiler.version", "platform.login"),
        on="devel",
        lines=(_NVCC,),
    ),
    ImageFault(
        "other-headers",
        "headers of the next toolkit under nvcc",
        ("compiler.compiles",),
        on="devel",
        lines=(f"RUN sed -i 's/CUDART_VERSION .*/CUDART_VERSION 13010/' {_HEADER}",),
    ),
    ImageFault(
        "no-crt",
        "nvcc without its crt headers",
        ("compiler.compiles",),
        on="devel",
        lines=("RUN rm -r /usr/local/cuda/include/crt",),
    ),
    ImageFault(
        "no-host-compiler",
        "nvcc without g++",
        ("compiler.compiles",),
        on="devel",
        lines=("RUN rm /usr/bin/*g++*",),
    ),
    ImageFault(
        "no-assembler",
        "nvcc without ptxas",
        ("compiler.compiles",),
        on="devel",
        lines=("RUN rm /usr/local/cuda/bin/ptxas",),
    ),
    ImageFault(
        "nvcc-in-runtime",
        "a devel image published as runtime",
        ("flavor.no-compiler", "flavor.no-toolchain"),
        on="devel",
        changes={"compiler": False, "flavor": "runtime"},
    ),
    ImageFault(
        "gcc-in-base",
        "a C compiler in a base image",
        ("flavor.no-toolchain",),
        lines=("RUN cp /bin/true /usr/bin/x86_64-linux-gnu-gcc-12",),
    ),
    ImageFault(
        "compiler-proper-in-base",
        "what a C++ compiler starts, without the compiler itself",
        ("flavor.no-toolchain",),
        lines=("RUN install -D /bin/true /usr/libexec/gcc/cc1plus",),
    ),
    ImageFault(
        "clang-in-app",
        "a program's image that brings clang",
        ("flavor.no-toolchain",),
        lines=("RUN cp /bin/true /usr/bin/clang++-14",),
        changes={"command": ["true"], "seconds": 9},
    ),
    ImageFault(
        "cmake-in-app",
        "a program's image with the CMake that built it",
        ("flavor.no-toolchain",),
        lines=("RUN install -D /bin/true /tools/cmake/data/bin/cmake",),
        changes={"command": ["true"], "seconds": 9},
    ),
)

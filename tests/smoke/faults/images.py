"""Faults in images. Each is built on top of an image that passes."""

from builder.model.probe import Limits

from .fault import ImageFault

HOOK = (
    "RUN python3 -c \"import site; open(site.getsitepackages()[0] + '/hook.pth', 'w').write('import {0}')\""
)
_SITE = "$(python3 -c 'import site; print(site.getsitepackages()[0])')"
_CUDART = "/usr/local/cuda/lib/libcudart.so.13"
_COPY = f"content = bytearray(open('{_CUDART}', 'rb').read()); content[18] = 183"
_OTHER_MACHINE = f"{_COPY}; open('/opt/libcublasLt.so.13', 'wb').write(content)"
_NVCC = """COPY --chmod=755 <<'SCRIPT' /opt/first/nvcc
#!/bin/sh
case $1 in --version) echo release 12.9, V12.9.86 ;; *) exec /usr/local/cuda/bin/nvcc "$@" ;; esac
SCRIPT
ENV PATH=/opt/first:/opt/venv/bin:/usr/bin:/bin"""
_HEADER = "/usr/local/cuda/include/cuda_runtime_api.h"
_TORCH_LANE = ("torch.version", "torch.build", "torch.numpy", "torch.cpu")
_WRONG_PRODUCT = (
    "multiply = Tensor.__matmul__; "
    "Tensor.__matmul__ = lambda a, b: multiply(a, b) * (1 if a.dtype == float64 else 1.01)"
)

IMAGES = (
    # The ground
    ImageFault(
        "other-os",
        "os-release of another Debian",
        ("platform.os",),
        lines=("RUN sed -i 's/^VERSION_ID=.*/VERSION_ID=13/' /etc/os-release",),
    ),
    ImageFault("other-python", "the cell says Python 3.12", ("platform.python",), changes={"python": "3.12"}),
    ImageFault(
        "amd64-as-arm64",
        "amd64 bits published under linux/arm64",
        ("platform.machine",),
        changes={"machine": "aarch64"},
        platform="linux/arm64",
        at_least=True,
    ),
    # What lies in the image
    ImageFault(
        "libcuda-inside",
        "a libcuda.so.1 in the image",
        ("files.no-driver",),
        lines=(f"RUN cp {_CUDART} /usr/lib/x86_64-linux-gnu/libcuda.so.1",),
    ),
    ImageFault(
        "nvml-inside",
        "a libnvidia-ml.so.1 in the image",
        ("files.no-driver",),
        lines=(f"RUN cp {_CUDART} /opt/libnvidia-ml.so.1",),
    ),
    ImageFault(
        "second-cudart",
        "a second copy of libcudart",
        ("files.once",),
        lines=(f"RUN mkdir /opt/other && cp {_CUDART} /opt/other/",),
    ),
    ImageFault(
        "hashed-cudart",
        "a second libcudart under the hashed name that wheels give it",
        ("files.once",),
        lines=(f"RUN cp {_CUDART} /opt/libcudart-d0da41ae.so.13",),
    ),
    ImageFault(
        "library-of-other-machine",
        "a CUDA library for arm64 in an amd64 image",
        ("files.machine",),
        lines=(f'RUN python3 -c "{_OTHER_MACHINE}"',),
    ),
    # The toolkit
    ImageFault(
        "math-in-base",
        "libcublas in a base image",
        ("flavor.absent",),
        lines=(f"RUN cp {_CUDART} /usr/local/cuda/lib/libcublas.so.13",),
    ),
    ImageFault(
        "nvcc-in-base",
        "nvcc in a base image",
        ("flavor.no-compiler",),
        lines=("RUN install -D /bin/true /usr/local/cuda/bin/nvcc",),
    ),
    ImageFault(
        "app-that-fails",
        "an app's own test exits with 3",
        ("app.test",),
        changes={"command": ["sh", "-c", "exit 3"], "seconds": 9},
    ),
    ImageFault(
        "app-that-hangs",
        "an app's own test waits for ever",
        ("app.test",),
        changes={"command": ["sleep", "60"], "seconds": 1},
    ),
    ImageFault(
        "app-that-is-not-there",
        "an app's own test is a program that the image does not have",
        ("app.test",),
        changes={"command": ["/opt/app"], "seconds": 9},
    ),
    ImageFault(
        "runtime-without-math",
        "a runtime image without its math libraries",
        ("flavor.libraries",),
        changes={"libraries": ["cudart", "cublas", "cufft"], "flavor": "runtime"},
    ),
    ImageFault(
        "wrong-cuda-version",
        "CUDA_VERSION of another toolkit",
        ("toolkit.declared",),
        lines=("ENV CUDA_VERSION=12.9.1",),
    ),
    ImageFault(
        "wrong-version-json",
        "a version.json of another toolkit",
        ("toolkit.declared",),
        lines=('RUN echo \'{"cuda": {"version": "13.1.0"}}\' > /usr/local/cuda/version.json',),
    ),
    ImageFault(
        "other-toolkit",
        "the cell says CUDA 13.1.0",
        ("toolkit.cudart", "toolkit.declared"),
        changes={"cuda": "13.1.0"},
    ),
    ImageFault(
        "toolkit-elsewhere",
        "/usr/local/cuda moved away",
        ("toolkit.cudart", "toolkit.declared", "flavor.libraries"),
        lines=("RUN mv /usr/local/cuda /opt/toolkit",),
    ),
    ImageFault(
        "unknown-to-linker",
        "the toolkit's folder is not in the dynamic linker's configuration",
        ("toolkit.cudart", "flavor.libraries"),
        lines=("RUN rm /etc/ld.so.conf.d/*cuda* && ldconfig",),
    ),
    ImageFault(
        "cut-library",
        "libcudart cut off after 1,000 bytes",
        ("toolkit.cudart", "flavor.libraries"),
        lines=(f"RUN truncate -s 1000 $(readlink -f {_CUDART})",),
    ),
    ImageFault(
        "hidden-by-environment",
        "CUDA_VISIBLE_DEVICES set to nothing",
        ("driver.environment",),
        lines=('ENV CUDA_VISIBLE_DEVICES=""',),
    ),
    ImageFault(
        "no-gpu-wanted",
        "NVIDIA_VISIBLE_DEVICES=void",
        ("driver.environment",),
        lines=("ENV NVIDIA_VISIBLE_DEVICES=void",),
    ),
    ImageFault(
        "stubs-on-path",
        "the linker's stubs on LD_LIBRARY_PATH",
        ("driver.environment",),
        lines=("ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs",),
    ),
    # The compiler
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
        ("compiler.version",),
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
    # What an app is built with
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
    # Images without Python
    ImageFault(
        "python-in-bare",
        "a Python in an image that does without",
        ("platform.no-python",),
        on="bare",
        lines=("RUN install -D /bin/true /opt/other/bin/python3.12",),
    ),
    ImageFault(
        "python-declared-none",
        "an image with a Python declared without",
        ("platform.no-python",),
        changes={"python": ""},
    ),
    ImageFault(
        "unknown-to-linker-in-bare",
        "the toolkit's folder is not in the dynamic linker's configuration, and the Python is lent",
        ("toolkit.cudart", "flavor.libraries"),
        on="bare",
        lines=("RUN rm /etc/ld.so.conf.d/*cuda* && ldconfig",),
    ),
    # torch
    ImageFault(
        "no-torch",
        "an image without torch declared with torch",
        _TORCH_LANE,
        changes={"torch": "2.13.0"},
        at_least=True,
    ),
    ImageFault(
        "other-torch",
        "the cell says torch 2.12.0",
        ("torch.version",),
        on="torch",
        changes={"torch": "2.12.0"},
    ),
    ImageFault(
        "cpu-only-torch",
        "a CPU-only torch in an image with CUDA",
        ("torch.build",),
        on="torch",
        changes={"cuda": "13.0.2", "source": "wheels", "libraries": ["cudart"]},
        at_least=True,
    ),
    ImageFault(
        "cuda-torch-in-cpu",
        "a torch built for CUDA in an image without",
        ("torch.build",),
        on="torch",
        lines=(f"RUN sed -i \"s/^cuda.*=.*/cuda = '13.0'/\" {_SITE}/torch/version.py",),
    ),
    ImageFault(
        "torch-segfaults",
        "a torch that crashes when imported",
        _TORCH_LANE,
        on="torch",
        lines=(f"RUN echo 'import ctypes; ctypes.string_at(0)' > {_SITE}/torch/__init__.py",),
        at_least=True,
    ),
    ImageFault(
        "torch-miscomputes",
        "a torch whose fp32 products are 1 % off",
        ("torch.cpu",),
        on="torch",
        lines=(f"RUN echo '{_WRONG_PRODUCT}' >> {_SITE}/torch/__init__.py",),
    ),
    ImageFault(
        "no-numpy", "torch without NumPy", ("torch.numpy",), on="torch", lines=(f"RUN rm -r {_SITE}/numpy*",)
    ),
    ImageFault(
        "guard-off",
        "an image whose constraints pip is not told of",
        ("wheels.guarded",),
        lines=("ENV PIP_CONSTRAINT=",),
    ),
    ImageFault(
        "guard-with-a-gap",
        "a package of CUDA without a constraint",
        ("wheels.guarded",),
        lines=("RUN sed -i '/nvidia-cuda-runtime/d' /opt/venv/constraints.txt",),
    ),
    ImageFault(
        "guard-ignored",
        "a pip that does not look at its constraints",
        ("wheels.guarded",),
        lines=(f"RUN sed -i '1i import os; os.environ.pop(\"PIP_CONSTRAINT\")' {_SITE}/pip/__main__.py",),
    ),
    ImageFault(
        "missing-dependency",
        "a package of torch's removed",
        ("wheels.consistent",),
        on="torch",
        lines=(f"RUN rm -r {_SITE}/networkx-*",),
    ),
    ImageFault(
        "broken-torchvision",
        "a torchvision without its operators",
        ("torch.vision",),
        on="torch",
        lines=(
            f"RUN mkdir {_SITE}/torchvision && echo '__version__ = \"0\"' > {_SITE}/torchvision/__init__.py",
        ),
    ),
    ImageFault(
        "cuda-in-cpu",
        "a CUDA library in a CPU image",
        ("files.no-cuda",),
        on="torch",
        lines=("RUN cp /bin/true /opt/libcublas.so.13",),
    ),
    # Images that do not let the probe run
    ImageFault(
        "nothing-lent",
        "an image without Python declared with one, so that none is lent",
        ("probe.complete",),
        on="bare",
        lines=("ENV NOTHING=lent",),
        changes={"python": "3.11"},
        at_least=True,
    ),
    ImageFault(
        "no-python", "no python3 on PATH", ("probe.complete",), lines=("ENV PATH=/nowhere",), at_least=True
    ),
    ImageFault(
        "python-leaves",
        "a python that ends as soon as it starts",
        ("probe.complete",),
        lines=(HOOK.format("os; os._exit(0)"),),
        at_least=True,
    ),
    ImageFault(
        "python-crashes",
        "a python that crashes as soon as it starts",
        ("probe.complete",),
        lines=(HOOK.format("ctypes; ctypes.string_at(0)"),),
        at_least=True,
    ),
    ImageFault(
        "python-hangs",
        "a python that never gets to the program",
        ("probe.complete",),
        lines=(HOOK.format("time; time.sleep(9999)"),),
        limits=Limits(seconds=1),
        at_least=True,
    ),
    ImageFault(
        "python-forks",
        "a python that forks until it may not",
        ("probe.complete",),
        lines=(HOOK.format("os; [os.fork() for _ in range(64)]"),),
        limits=Limits(seconds=30, processes=64),
        at_least=True,
    ),
    ImageFault(
        "python-devours",
        "a python that takes more memory than it is given",
        ("probe.complete",),
        lines=(HOOK.format("os; x = bytearray(os.urandom(1)) * (1 << 30)"),),
        limits=Limits(seconds=30, memory=256 << 20),
        at_least=True,
    ),
)

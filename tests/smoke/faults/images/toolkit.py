"""A toolkit that is another, incomplete, or not found."""

from ..fault import ImageFault
from .places import CUDART

TOOLKIT = (
    ImageFault(
        "math-in-base",
        "libcublas in a base image",
        ("flavor.absent",),
        lines=(f"RUN cp {CUDART} /usr/local/cuda/lib/libcublas.so.13",),
    ),
    ImageFault(
        "nvcc-in-base",
        "nvcc in a base image",
        ("flavor.no-compiler",),
        lines=("RUN install -D /bin/true /usr/local/cuda/bin/nvcc",),
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
        lines=(f"RUN truncate -s 1000 $(readlink -f {CUDART})",),
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
    ImageFault(
        "unknown-to-linker-in-bare",
        "the toolkit's folder is not in the dynamic linker's configuration, and the Python is lent",
        ("toolkit.cudart", "flavor.libraries"),
        on="bare",
        lines=("RUN rm /etc/ld.so.conf.d/*cuda* && ldconfig",),
    ),
)

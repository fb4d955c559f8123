"""Faults in environments of conda's. Each is built on top of an image that passes."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.pythons import VERSION
from tests.smoke.faults.fault import Fault

META, LIB = "/opt/conda/conda-meta", "/opt/conda/lib"


@dataclass(frozen=True, slots=True)
class EnvironmentFault(Fault):
    """Lines of a Dockerfile, what is promised otherwise, and words of what the check in `refused_by` says."""

    lines: tuple[str, ...]
    said: str
    changes: dict[str, Any] = field(default_factory=dict)


_CUDA = {"source": "upstream", "cuda": "12.6.3"}
_CUDART = {**_CUDA, "libraries": ["cudart"]}
_COPY = f"cp {LIB}/libffi.so.8"
ELSEWHERE = f"RUN mkdir -p /usr/local/cuda/lib64 && {_COPY} /usr/local/cuda/lib64/libcudart.so.12"
OWN = f"RUN {_COPY} {LIB}/libcudart.so.12"
KNOWN = "ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64"


def with_cuda(version: str) -> str:
    """A step that has the environment say which CUDA it is for."""
    about = {"name": "cuda-version", "version": version, "build": "0", "depends": [], "files": []}
    return f"RUN echo '{json.dumps(about)}' > {META}/cuda-version.json"


ENVIRONMENTS = (
    EnvironmentFault(
        "conda-file-gone",
        "a file of a package is gone",
        ("conda.consistent",),
        (f"RUN rm {LIB}/python3.11/site-packages/tool.py",),
        "tool lacks lib/",
    ),
    EnvironmentFault(
        "conda-package-gone",
        "a package is gone on which another depends",
        ("conda.consistent",),
        (f"RUN rm {META}/pip-25.0-py_0.json",),
        "tool asks for pip",
    ),
    EnvironmentFault(
        "conda-other-version",
        "a package is there in a version that another does not go with",
        ("conda.consistent",),
        (f"RUN sed -i '/\"version\"/s/{VERSION}/3.12.1/' {META}/python-{VERSION}-0_cpython.json",),
        "triton asks for python >=3.11,<3.12.0a0, and 3.12.1 is installed",
    ),
    EnvironmentFault(
        "conda-unreadable",
        "what conda knows of a package can be read by root only",
        ("conda.consistent",),
        (f"RUN chmod 600 {META}/pip-25.0-py_0.json",),
        "Permission denied",
    ),
    EnvironmentFault(
        "conda-no-pins",
        "nothing holds triton as it is",
        ("conda.guarded",),
        (f"RUN rm {META}/pinned",),
        "nothing pins triton",
    ),
    EnvironmentFault(
        "conda-other-pin",
        "the pin is for another build of triton",
        ("conda.guarded",),
        (f"RUN sed -i 's/ 0$/ 1/' {META}/pinned",),
        "nothing pins triton",
    ),
    EnvironmentFault(
        "conda-newer-cuda",
        "the environment is for CUDA 12.8, the cell has 12.6",
        ("conda.cuda",),
        (with_cuda("12.8"),),
        "12.8",
        _CUDA,
    ),
    EnvironmentFault(
        "conda-older-major",
        "the environment is for CUDA 11.8, the cell has 12.6",
        ("conda.cuda",),
        (with_cuda("11.8"),),
        "11.8",
        _CUDA,
    ),
    EnvironmentFault(
        "conda-toolkit-hidden",
        "a library of the toolkit that only the environment's own python finds",
        ("flavor.libraries",),
        (ELSEWHERE, OWN),
        "the dynamic linker does not know it",
        _CUDART,
    ),
    EnvironmentFault(
        "conda-toolkit-gone",
        "a library that only the environment has, and not the toolkit",
        ("flavor.libraries",),
        (OWN, KNOWN),
        "libcudart is not in the image",
        _CUDART,
    ),
)

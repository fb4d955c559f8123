"""What pip and uv are told inside an image, so that no later installation swaps torch or CUDA unasked."""

import re
from collections.abc import Iterable, Iterator

from builder.facts import cuda
from builder.matrix.lock import LockedWheel

CUDA_PACKAGES = ("nvidia-", "cuda-")
# What decides which machine code runs.
_GUARDED = (*CUDA_PACKAGES, "torch", "triton")
_OF_MAJOR = re.compile(r"(?P<name>nvidia-.+-cu)(?P<major>[0-9]+)")


def constraints(wheels: Iterable[LockedWheel]) -> tuple[str, ...]:
    """The lines of a constraints file: these wheels stay as they are, and their twins stay out.

    `nvidia-cudnn-cu12` would write over the files of `nvidia-cudnn-cu13`, as their folders are the same.
    """
    guarded = sorted(wheel for wheel in wheels if wheel.name.startswith(_GUARDED))
    # `==2.13.0` would allow a `2.13.0+cpu`, too.
    kept = [f"{wheel.name}==={wheel.version}" for wheel in guarded]
    return (*kept, *(line for wheel in guarded for line in _twins(wheel.name)))


def _twins(name: str) -> Iterator[str]:
    if found := _OF_MAJOR.fullmatch(name):
        for major in cuda.majors():
            if str(major) != found["major"]:
                yield f"{found['name']}{major}<0"

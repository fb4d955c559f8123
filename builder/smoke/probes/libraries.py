"""Loading shared libraries by name, and seeing where they came from."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Failed


def load(stem: str) -> ctypes.CDLL:
    """Load a library of the image as programs do: by soname, through the dynamic linker's own search.

    Raises:
        Failed: when it is not in the image, or cannot be found or loaded from where it is.
    """
    paths = inventory.copies(stem)
    if not paths:
        raise Failed(f"lib{stem} is not in the image")
    problems: dict[str, str] = {}
    for name in _sonames(paths):
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            problems[name] = str(error)
    raise Failed(f"{', '.join(paths)} cannot be loaded by name: {'; '.join(problems.values())}")


def _sonames(paths: list[str]) -> Iterator[str]:
    for path in paths:
        name = Path(path).name
        while not name.endswith(".so"):
            yield name
            name = name.rpartition(".")[0]


def loaded(stem: str) -> list[str]:
    """The files that this process has mapped under a library's name, links resolved."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if "/lib" in line}
    return sorted(path for path in paths if inventory.stem(path) == stem)

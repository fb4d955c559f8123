"""Loading shared libraries by name, and seeing where they came from."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
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
    # conda's python looks at its environment's own libraries first, which no program outside of it does; a
    # lent one looks at those beside it, which are not the image's.
    foreign = Path(sys.prefix, "conda-meta").is_dir() or inventory.from_outside(sys.executable)
    if foreign:
        paths = [path for path in paths if not Path(path).is_relative_to(sys.prefix)]
    if not paths:
        raise Failed(f"lib{stem} is not in the image")
    problems: dict[str, str] = {}
    for name in _sonames(paths):
        try:
            return ctypes.CDLL(_found(name) if foreign else name)
        except OSError as error:
            problems[name] = str(error)
    raise Failed(f"{', '.join(paths)} cannot be loaded by name: {'; '.join(problems.values())}")


def _sonames(paths: list[str]) -> Iterator[str]:
    for path in paths:
        name = Path(path).name
        while not name.endswith(".so"):
            yield name
            name = name.rpartition(".")[0]


def _found(name: str) -> str:
    """Where the dynamic linker finds a library for programs that do not say where to look."""
    folders = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    known = subprocess.run(("/sbin/ldconfig", "-p"), capture_output=True, text=True, check=True).stdout
    cached = (line.split(" => ")[-1] for line in known.splitlines() if line.split()[:1] == [name])
    places = [*(str(Path(folder, name)) for folder in folders if folder), *cached]
    for place in places:
        if Path(place).is_file():
            return place
    raise OSError(f"{name}: the dynamic linker does not know it")


def loaded(stem: str) -> list[str]:
    """The files that this process has mapped under a library's name, links resolved."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if "/lib" in line}
    return sorted(path for path in paths if inventory.stem(path) == stem)

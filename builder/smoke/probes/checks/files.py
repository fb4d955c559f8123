"""What lies in the image, before anything is loaded."""

from __future__ import annotations

from pathlib import Path

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check, with_cuda
from builder.smoke.probes.elf import describe
from builder.smoke.probes.promise import Facts, Promise


@check(
    "files.machine",
    "every CUDA library is for the image's own machine",
    lane="files",
    limit=60,
    wanted=with_cuda,
)
def machine(promise: Promise, _facts: Facts) -> str:
    """Reads the ELF header of each CUDA library."""
    paths = [path for stem in inventory.SINGLE for path in inventory.copies(stem)]
    if not paths:
        raise Failed("the image has no CUDA library at all")
    wrong = [
        f"{path} is {kind}" for path in paths if (kind := describe(Path(path))) != f"ELF64 {promise.machine}"
    ]
    if wrong:
        raise Failed("; ".join(wrong))
    return f"{len(paths)} libraries"


@check("files.no-driver", "the driver's libraries are left to the host", lane="files", limit=60)
def no_driver(_promise: Promise, facts: Facts) -> str:
    """A libcuda in the image hides the host's, or is another version than its kernel module."""
    facts["unpacked"] = str(inventory.unpacked())
    inside = [
        path
        for stem in ("cuda", "nvidia-ml")
        for path in inventory.copies(stem)
        if "/compat/" not in path  # NVIDIA's forward-compatibility package
    ]
    if inside:
        raise Failed(f"the image brings a driver library of its own: {', '.join(inside)}")
    return "none outside stubs and compat"


@check(
    "files.once",
    "each CUDA library is in the image once",
    lane="files",
    limit=60,
    wanted=lambda promise: promise.source == "wheels",
)
def once(_promise: Promise, _facts: Facts) -> str:
    """torch's wheels and the toolkit are one tree."""
    found = {stem: inventory.copies(stem) for stem in inventory.SINGLE}
    twice = [", ".join(paths) for paths in found.values() if len(paths) > 1]
    if twice:
        raise Failed("more than one copy: " + "; ".join(twice))
    return " ".join(stem for stem, paths in found.items() if paths)


@check(
    "files.no-cuda",
    "an image without CUDA carries none of its libraries",
    lane="files",
    limit=60,
    wanted=lambda promise: not promise.cuda,
)
def no_cuda(_promise: Promise, _facts: Facts) -> str:
    """Some gigabytes that nobody could use."""
    found = [path for stem in inventory.SINGLE for path in inventory.copies(stem)]
    if found:
        raise Failed(", ".join(found))
    return "none"


CHECKS: tuple[Check, ...] = (machine, no_driver, once, no_cuda)

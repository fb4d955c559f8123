"""Every CUDA library and tool in the image's file system, wherever it lies."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path

# One origin each: a second copy of one of these in a process is how images break in the field.
SINGLE = (
    "cudart",
    "cublas",
    "cublasLt",
    "cufft",
    "curand",
    "cusolver",
    "cusparse",
    "cudnn",
    "nccl",
    "nvrtc",
    "nvJitLink",
)
_LIBRARY = re.compile(
    r"lib(?P<stem>cuda|nvidia-ml|" + "|".join(SINGLE) + r")(?:[-.][0-9a-f]{8,})?\.so(?:\.[0-9]+)*"
)
# With a machine before it and a version behind it, as in x86_64-linux-gnu-g++-12 and python3.11.
_TOOL = re.compile(
    r"(?:\w+(?:-\w+)*-linux-gnu-)?"
    r"(?P<name>nvcc|ptxas|cicc|nvlink|fatbinary|gcc|g\+\+|cc1|cc1plus|clang|clang\+\+|cmake|python)"
    r"(?:-?[0-9][0-9.]*)?"
)
_NOT_THE_IMAGE = frozenset(("/proc", "/sys", "/dev", "/tmp"))  # noqa: S108
_ESCAPES = re.compile(r"\\([0-7]{3})")


@functools.cache
def mounts() -> frozenset[str]:
    """Mount points other than the root: what lies there came from outside the image."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    paths = (_ESCAPES.sub(lambda octal: chr(int(octal[1], 8)), line.split(" ")[4]) for line in lines)
    return frozenset(path for path in paths if path != "/")


def from_outside(path: str) -> bool:
    """Whether the file was mounted into the container."""
    parts = Path(path)
    return any(str(parent) in mounts() for parent in (parts, *parts.parents))


@functools.cache
def _files() -> tuple[tuple[str, str], ...]:
    return tuple(_named())


def _named() -> Iterator[tuple[str, str]]:
    for entry in _walk("/"):
        if match := _LIBRARY.fullmatch(entry.name):
            yield match["stem"], entry.path
        elif (match := _TOOL.fullmatch(entry.name)) and _can_run(entry):
            yield match["name"], entry.path


def _can_run(entry: os.DirEntry[str]) -> bool:
    try:
        return bool(entry.stat().st_mode & 0o111)
    except OSError:  # a link to nothing
        return False


def unpacked() -> int:
    """The bytes of the image's files that everyone may see, each once."""
    sizes: dict[tuple[int, int], int] = {}
    for entry in _walk("/"):
        if entry.is_file(follow_symlinks=False) and entry.path not in mounts():
            told = entry.stat(follow_symlinks=False)
            sizes[told.st_dev, told.st_ino] = told.st_size
    return sum(sizes.values())


def _walk(folder: str) -> Iterator[os.DirEntry[str]]:
    """All that is no folder, less what is in other file systems."""
    pending = [folder]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:  # unreadable for this user, or gone
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in _NOT_THE_IMAGE and entry.path not in mounts():
                    pending.append(entry.path)
            else:
                yield entry


def copies(name: str) -> list[str]:
    """The library's or tool's files in the image, links resolved; stubs and mounted files left out."""
    paths = {os.path.realpath(path) for found, path in _files() if found == name}
    return sorted(path for path in paths if not is_stub(path) and not from_outside(path))


def stem(path: str) -> str:
    """The library's name without `lib` and version; empty for a file that is none of CUDA's."""
    match = _LIBRARY.fullmatch(Path(path).name)
    return match["stem"] if match else ""


def is_stub(path: str) -> bool:
    """Whether the file is there for the linker only."""
    return "/stubs/" in path

"""Which GPUs the engine can lend to a container, by which way, and to whom at a time."""

import contextlib
import fcntl
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from builder.engine.interrupt import heed
from builder.engine.processes import run
from builder.model.probe import GpuAccess, GpuPath

_INDEX = re.compile(r"[0-9]+(?::[0-9]+)?")
_HOOK = "nvidia-container-runtime-hook"
_WAIT = 0.05
_SECONDS = 10


def detect(info: Mapping[str, Any], host: Path = Path("/")) -> tuple[GpuAccess, ...]:
    """One access per GPU, none where there is no way to one.

    The NVIDIA Container Toolkit goes first, then CDI, then WSL2's own device. `host` is the root of the file
    system of the machine that the engine runs on; a GPU cannot be seen on another.
    """
    return _toolkit(info, host) or _cdi(info, host) or _wsl2(host)


def possible(host: Path = Path("/")) -> bool:
    """Whether this machine may have a GPU at all; cheaper than asking an engine that may not be needed."""
    return any((host / "dev" / name).exists() for name in ("nvidiactl", "dxg"))


def together(gpus: Sequence[GpuAccess]) -> GpuAccess:
    """All of these GPUs in one container."""
    return GpuAccess(gpus[0].path, "all", sum(gpu.count for gpu in gpus), gpus[0].version)


@contextlib.contextmanager
def lease(gpus: Sequence[GpuAccess], folder: Path | None = None) -> Iterator[GpuAccess]:
    """Have one of the GPUs to oneself, among all runners on this host; waits for one to be free.

    A runner that is killed gives its GPU back with its file descriptors.
    """
    folder = folder or Path(tempfile.gettempdir())
    while True:
        for gpu in gpus:
            path = folder / f"cuda-image-builder-gpu-{gpu.device.replace(':', '-')}.lock"
            if not path.exists():
                path.touch()
            with path.open() as file:  # for reading: it may be another user's
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield gpu
                return
        heed()
        time.sleep(_WAIT)


def _toolkit(info: Mapping[str, Any], host: Path) -> tuple[GpuAccess, ...]:
    if "nvidia" not in info.get("Runtimes", {}) and not _tool(host, _HOOK):
        return ()
    count = len(list((host / "proc/driver/nvidia/gpus").glob("*")))
    ctk = _tool(host, "nvidia-ctk")
    version = _version([str(ctk), "--version"]) if ctk else ""
    return tuple(GpuAccess(GpuPath.TOOLKIT, str(index), version=version) for index in range(count))


def _cdi(info: Mapping[str, Any], host: Path) -> tuple[GpuAccess, ...]:
    folders = [host / folder.lstrip("/") for folder in info.get("CDISpecDirs") or ()]
    devices = {
        name: version
        for folder in folders
        for file in sorted(folder.glob("*.[jy]*"))
        for name, version in _specified(file)
    }
    return tuple(
        GpuAccess(GpuPath.CDI, name, version=version)
        for name, version in sorted(devices.items())
        if _INDEX.fullmatch(name)
    )


def _specified(file: Path) -> Iterator[tuple[str, str]]:
    """A specification's devices with its version; none of a broken one, which the engine skips too."""
    from yaml import YAMLError, safe_load

    try:
        specification = safe_load(file.read_text())
    except (OSError, ValueError, YAMLError):
        return
    match specification:
        case {"kind": "nvidia.com/gpu", "cdiVersion": version, "devices": [*devices]}:
            named = (device for device in devices if isinstance(device, dict) and "name" in device)
            yield from ((str(device["name"]), str(version)) for device in named)


def _wsl2(host: Path) -> tuple[GpuAccess, ...]:
    there = (host / "dev/dxg").exists() and (host / "usr/lib/wsl/lib/libcuda.so.1").exists()
    return (GpuAccess(GpuPath.WSL2, "all"),) if there else ()


def _tool(host: Path, name: str) -> Path | None:
    folders = ":".join(str(host / folder) for folder in ("usr/bin", "usr/local/bin", "usr/sbin"))
    found = shutil.which(name, path=folders)
    return Path(found) if found else None


def _version(command: list[str]) -> str:
    found = re.search(r"\d+(?:\.\d+)+", run(command, seconds=_SECONDS).stdout)
    return found[0] if found else ""

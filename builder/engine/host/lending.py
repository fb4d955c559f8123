"""Reads how GPUs get into containers: the NVIDIA Container Toolkit and CDI specifications."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from builder.doctor.survey import Lending, Specification
from builder.engine.host.host import Host

_KIND = "nvidia.com/gpu"
# Where engines look that do not say where they look.
_FOLDERS = ("/etc/cdi", "/var/run/cdi")
_HOOKS = ("nvidia-container-runtime-hook", "nvidia-container-runtime")


def read_lending(host: Host, folders: Iterable[str] = ()) -> Lending:
    """The toolkit, and the specifications in the folders that the engine reads."""
    toolkit = host.run("nvidia-ctk", "--version")
    found = re.search(r"\d+(?:\.\d+)+", toolkit.out) if toolkit else None
    files = [path for folder in (tuple(folders) or _FOLDERS) for path in host.files(folder, "*.[jy]*")]
    return Lending(
        toolkit=found[0] if found else "",
        hook=any(host.program(name) for name in _HOOKS),
        specifications=tuple(one for path in files if (one := _specification(host, path))),
        links=any(True for _ in host.files("/dev/char", "195:*")),
    )


def _specification(host: Host, path: Path) -> Specification | None:
    """NVIDIA's specification for GPUs in this file; None where it is for something else."""
    from yaml import YAMLError, safe_load

    name = f"/{path.relative_to(host.root)}"
    try:
        data = safe_load(path.read_text())
    except (OSError, ValueError, YAMLError) as error:
        return Specification(name, broken=str(error).splitlines()[0]) if "nvidia" in path.name else None
    match data:
        case {"kind": str(kind), "cdiVersion": version, "devices": [*devices]} if kind == _KIND:
            edits = [data.get("containerEdits"), *(_edits(device) for device in devices)]
            files = sorted({file for edit in edits for file in _files(edit)})
            return Specification(
                path=name,
                version=str(version),
                devices=tuple(str(device.get("name")) for device in devices if isinstance(device, dict)),
                driver=next((found for file in files if (found := _driver(file))), ""),
                missing=tuple(file for file in files if not host.has(file)),
            )
        case {"kind": str(kind)} if kind == _KIND:
            return Specification(name, broken="it has no cdiVersion or no devices")
        case _:
            return None


def _edits(device: Any) -> Any:
    return device.get("containerEdits") if isinstance(device, Mapping) else None


def _files(edits: Any) -> Iterator[str]:
    """What a specification takes from the machine."""
    if not isinstance(edits, Mapping):
        return
    for mount in edits.get("mounts") or ():
        if isinstance(mount, Mapping) and "hostPath" in mount:
            yield str(mount["hostPath"])
    for node in edits.get("deviceNodes") or ():
        if isinstance(node, Mapping) and "path" in node:
            yield str(node.get("hostPath") or node["path"])


def _driver(file: str) -> str:
    found = re.search(r"/libcuda\.so\.(\d+(?:\.\d+)+)$", file)
    return found[1] if found else ""

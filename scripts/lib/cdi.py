"""Writes a CDI specification for the GPUs of a host that has NVIDIA's driver but not its container toolkit.

Usage: cdi.py FILE. Prints the names of the devices. Where nvidia-ctk is installed, `nvidia-ctk cdi generate`
knows more drivers and more systems than this.
"""

import json
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What a compute container needs of the driver, besides its device files.
LIBRARIES = re.compile(
    r"lib(?:cuda|cudadebugger|nvidia-(?:ml|ptxjitcompiler|nvvm|gpucomp|opencl|allocator|cfg))\.so(?:\.[\d.]+)?"
)
FOLDERS = ("/usr/local/nvidia/lib64", "/usr/lib/{machine}-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib")
SHARED = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset")
TOOLS = ("/usr/local/nvidia/bin/nvidia-smi", "/usr/bin/nvidia-smi")
READ_ONLY = ["ro", "nosuid", "nodev", "bind"]


def libraries() -> Iterator[tuple[str, str]]:
    """Each file of the driver, once by name: where it is, and where a container's linker looks for it."""
    machine = platform.machine()
    seen: set[str] = set()
    for folder in FOLDERS:
        for path in sorted(Path(folder.format(machine=machine)).glob("lib*.so*")):
            if LIBRARIES.fullmatch(path.name) and path.name not in seen:
                seen.add(path.name)
                yield str(path.resolve()), f"/usr/lib/{machine}-linux-gnu/{path.name}"
                if path.name == "libcuda.so.1" and not path.with_name("libcuda.so").exists():
                    # Triton looks for this name; NVIDIA's own toolkit makes the link too.
                    yield str(path.resolve()), f"/usr/lib/{machine}-linux-gnu/libcuda.so"


def mounts() -> Iterator[dict[str, object]]:
    """Bind mounts of the driver's libraries and of nvidia-smi."""
    files = list(libraries())
    files += [(tool, "/usr/bin/nvidia-smi") for tool in TOOLS if Path(tool).exists()][:1]
    for source, destination in files:
        yield {"hostPath": source, "containerPath": destination, "options": READ_ONLY}


def specification() -> dict[str, Any]:
    """One device per GPU, named by its index, and `all`."""
    gpus = sorted(path for path in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name))
    nodes = [{"path": str(path)} for path in gpus]
    devices = [
        {"name": node["path"].removeprefix("/dev/nvidia"), "containerEdits": {"deviceNodes": [node]}}
        for node in nodes
    ]
    if devices:
        devices.append({"name": "all", "containerEdits": {"deviceNodes": nodes}})
    shared = [{"path": path} for path in SHARED if Path(path).exists()]
    return {
        "cdiVersion": "0.6.0",
        "kind": "nvidia.com/gpu",
        "containerEdits": {"deviceNodes": shared, "mounts": list(mounts())},
        "devices": devices,
    }


def main() -> None:
    """Write the file; exit with a message where there is no GPU."""
    found = specification()
    names = [device["name"] for device in found["devices"]]
    if not names:
        sys.exit("cdi: no /dev/nvidia0 here: the driver is not loaded, or this container was given no GPU")
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n")
    print(" ".join(names))


if __name__ == "__main__":
    main()

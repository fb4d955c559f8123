"""A sound GPU machine as files and programs below a folder, for tests to spoil.

The files are as NVIDIA's driver, the kernel's documentation and the CDI specification 0.6 describe them; the
programs print what the real ones do.
"""

import json
from collections.abc import Mapping
from pathlib import Path

DRIVER = "580.95.05"
GPU = "NVIDIA H200"
VERSION = (
    f"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {DRIVER}  Release Build  (dvs-builder@U22)\n"
    "GCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n"
)
PROPRIETARY = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {DRIVER}  Tue Sep 23 10:11:16 UTC 2025\n"
_LIBRARIES = "/usr/lib/x86_64-linux-gnu"
_BINFMT = "/proc/sys/fs/binfmt_misc"
QEMU = (
    "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: PF\noffset 0\n"
    "magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n"
)
NODES = ("nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")


def model(name: str) -> str:
    """What the driver says of a GPU."""
    return f"Model: \t\t {name}\nIRQ:   \t\t 128\nGPU UUID: \t GPU-6f3a9d50-0f6c\nVideo BIOS: \t 96.00.61\n"


def cdi(driver: str = DRIVER) -> str:
    """A specification as `nvidia-ctk cdi generate` writes it, as JSON."""
    library = f"{_LIBRARIES}/libcuda.so.{driver}"
    node = {"containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}}
    shared = [{"path": f"/dev/{name}"} for name in NODES[1:]]
    edits = {"deviceNodes": shared, "mounts": [{"hostPath": library, "containerPath": library}]}
    devices = [{"name": name, **node} for name in ("0", "all")]
    return json.dumps(
        {"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": devices, "containerEdits": edits}
    )


def info(**changes: object) -> str:
    """`docker info` of a sound engine."""
    return json.dumps(
        {
            "ServerVersion": "28.5.2",
            "OperatingSystem": "Ubuntu 24.04.3 LTS",
            "Runtimes": {"runc": {}, "nvidia": {}},
            "CDISpecDirs": ["/etc/cdi", "/var/run/cdi"],
            "CgroupDriver": "systemd",
            "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
            "DockerRootDir": "/var/lib/docker",
        }
        | changes
    )


def builders(*platforms: str, driver: str = "docker", **changes: object) -> str:
    """`docker buildx ls` with one builder."""
    node = {"Name": "default", "Platforms": platforms or ["linux/amd64", "linux/arm64"], **changes}
    return json.dumps({"Current": True, "Driver": driver, "Name": "default", "Nodes": [node]})


def docker(
    info: str = info(), buildx: str = "github.com/docker/buildx v0.29.1 a32761a", builders: str = builders()
) -> str:
    """A docker command that answers so."""
    cases = {"info": info, "version": buildx, "ls": builders}
    arms = "".join(f"*{word}*) echo '{answer}' ;;\n" for word, answer in cases.items())
    return f'#!/bin/sh\ncase "$1 $2" in\n{arms}esac\n'


def says(text: str) -> str:
    """A program that prints a text whatever it is asked."""
    return f"#!/bin/sh\necho '{text}'\n"


SOUND: Mapping[str, str] = {
    "/etc/os-release": 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
    "/proc/sys/kernel/osrelease": "6.8.0-79-generic\n",
    "/proc/driver/nvidia/version": VERSION,
    "/proc/driver/nvidia/gpus/0000:19:00.0/information": model(GPU),
    "/sys/bus/pci/devices/0000:19:00.0/vendor": "0x10de\n",
    "/sys/bus/pci/devices/0000:19:00.0/class": "0x030200\n",
    "/sys/bus/pci/devices/0000:00:1f.0/vendor": "0x8086\n",
    "/sys/bus/pci/devices/0000:00:1f.0/class": "0x060100\n",
    "/sys/module/nvidia/version": f"{DRIVER}\n",
    f"{_LIBRARIES}/libcuda.so.{DRIVER}": "",
    **{f"/dev/{name}": "" for name in NODES},
    "/dev/char/195:0": "",
    "/etc/cdi/nvidia.yaml": cdi(),
    "/usr/bin/nvidia-ctk": says("NVIDIA Container Toolkit CLI version 1.18.0"),
    "/usr/bin/docker": docker(),
    "/usr/bin/qemu-aarch64-static": says("qemu-aarch64 version 10.0.13 (Debian 1:10.0.13+ds-0)"),
    "/usr/sbin/modinfo": says(DRIVER),
    f"{_BINFMT}/status": "enabled\n",
    f"{_BINFMT}/qemu-aarch64": QEMU,
    "/var/lib/docker/engine-id": "",
}


def plant(root: Path, files: Mapping[str, str | None]) -> None:
    """Write the files below the folder; None leaves one out. What begins with `#!` is a program."""
    for name, content in files.items():
        if content is None:
            continue
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if content.startswith("#!"):
            path.chmod(0o755)


GPU_FILE = "/proc/driver/nvidia/gpus/0000:19:00.0/information"
VERSION_FILE = "/proc/driver/nvidia/version"
# What is gone where no driver is loaded.
UNLOADED: Mapping[str, str | None] = {
    VERSION_FILE: None,
    GPU_FILE: None,
    "/sys/module/nvidia/version": None,
    **{f"/dev/{name}": None for name in NODES},
}

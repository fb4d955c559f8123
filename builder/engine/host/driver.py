"""Reads NVIDIA's driver: what the kernel, the device files and the libraries' names say."""

import re
from collections.abc import Iterator

from builder.doctor.survey import Driver, Wsl
from builder.engine.host.host import Host

_NVIDIA = "0x10de"
# PCI class 03: display controllers; data-centre GPUs are 3D controllers of that class.
_DISPLAY = "0x03"
_LIBRARIES = ("usr/lib/{machine}-linux-gnu", "usr/lib64", "usr/lib", "usr/local/nvidia/lib64")
# The kernel cuts the names of commands after 15 characters.
_FABRIC_MANAGER = ("nv-fabricmanage", "nv-fabricmanager")
# EFI's variable: four bytes of attributes, then the value.
_SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def read_driver(host: Host) -> Driver:
    """The driver of this machine, loaded or not."""
    module = host.text("/proc/driver/nvidia/version")
    installed = host.run("modinfo", "-F", "version", "nvidia")
    return Driver(
        hardware=tuple(_hardware(host)),
        gpus=tuple(_models(host)),
        module=_version(module) or host.text("/sys/module/nvidia/version").strip(),
        open="Open Kernel Module" in module if module else None,
        installed=installed.out.strip() if installed and not installed.code else "",
        library=library(host),
        nodes=frozenset(path.name for path in host.files("/dev", "nvidia*") if not path.is_dir()),
        nouveau=host.has("/sys/module/nouveau"),
        secure_boot=_secure_boot(host),
        switches=len(list(host.files("/proc/driver/nvidia-nvswitch/devices"))),
        fabric_manager=any(name.strip() in _FABRIC_MANAGER for name in _commands(host)),
    )


def read_wsl(host: Host) -> Wsl | None:
    """What Windows lends, where this Linux runs under it."""
    kernel = host.text("/proc/sys/kernel/osrelease").strip()
    if "microsoft" not in kernel.casefold():
        return None
    return Wsl(
        kernel=kernel,
        device=host.has("/dev/dxg"),
        library=host.has("/usr/lib/wsl/lib/libcuda.so.1"),
        own_driver=bool(library(host)),
    )


def library(host: Host) -> str:
    """The version in the name of the distribution's libcuda, as of `libcuda.so.580.95.05`."""
    for folder in _LIBRARIES:
        for path in host.files(folder.format(machine=host.machine), "libcuda.so.*.*"):
            return path.name.removeprefix("libcuda.so.")
    return ""


def _hardware(host: Host) -> Iterator[str]:
    for device in host.files("/sys/bus/pci/devices"):
        name = f"/sys/bus/pci/devices/{device.name}"
        ours = host.text(f"{name}/vendor").strip() == _NVIDIA
        if ours and host.text(f"{name}/class").startswith(_DISPLAY):
            yield device.name


def _models(host: Host) -> Iterator[str]:
    for gpu in host.files("/proc/driver/nvidia/gpus"):
        text = host.text(f"/proc/driver/nvidia/gpus/{gpu.name}/information")
        found = re.search(r"^Model:\s*(.+)$", text, re.MULTILINE)
        yield found[1].strip() if found else gpu.name


def _version(text: str) -> str:
    found = re.search(r"Kernel Module.*?\s(\d+(?:\.\d+)+)", text)
    return found[1] if found else ""


def _secure_boot(host: Host) -> bool:
    try:
        return host.path(_SECURE_BOOT).read_bytes()[4:5] == b"\x01"
    except OSError:
        return False


def _commands(host: Host) -> Iterator[str]:
    for process in host.files("/proc", "[0-9]*"):
        yield host.text(f"/proc/{process.name}/comm")

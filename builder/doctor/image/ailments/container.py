"""What the container did not get."""

import re

from builder.doctor.image.ailment import Ailment, Layer, Smi
from builder.doctor.image.evidence import Circumstances, Evidence

_NO_GPUS = "Found no NVIDIA driver on your system"
_TOOLKIT = (
    "Install the NVIDIA Container Toolkit, then `sudo nvidia-ctk runtime configure --runtime=docker && "
    "sudo systemctl restart docker`; `python -m builder doctor` has the commands for your distribution."
)
# What the container toolkit takes for none; CDI sets `void` where it gave the devices itself.
_NOTHING = ("", "void", "none")


def _no_python(seen: Evidence, _around: Circumstances) -> str:
    return f"the image has no python3 that can be run: {seen.unseen}" if seen.exit in (126, 127) else ""


def _toolkit_unknown(seen: Evidence, around: Circumstances) -> str:
    if "could not select device driver" in seen.unseen:
        return f"the engine does not know `--gpus`: {seen.unseen}"
    if around.driver and not around.path and not seen.gpus and not around.wsl:
        return f"driver {around.driver} is loaded, and the engine has no way to lend GPUs to containers"
    if seen.gpus and _absent(seen) and seen.nvml.code is None:
        return f"{seen.gpus[0]} is there and no library of the driver: {seen.libcuda.problem}"
    return ""


def _absent(seen: Evidence) -> bool:
    """Whether there is no libcuda at all; one that is broken has other words."""
    return seen.libcuda.code is None and "cannot open shared object file" in seen.libcuda.problem


def _stale_cdi(seen: Evidence, _around: Circumstances) -> str:
    words = ("unresolvable CDI devices", "CDI device injection failed", "failed to inject CDI")
    stale = any(word in seen.unseen for word in words)
    gone = re.search(r"(?:/dev/nvidia|libnvidia|libcuda)\S*: no such file", seen.unseen)
    return f"the engine says: {seen.unseen}" if stale or gone else ""


def _required(seen: Evidence, _around: Circumstances) -> str:
    found = re.search(r"unsatisfied condition: ([^\n,]+)", seen.unseen)
    return f"the image asks for {found[1].strip()}, which the driver does not have" if found else ""


def _not_started(seen: Evidence, _around: Circumstances) -> str:
    return seen.unseen


def _no_driver(seen: Evidence, around: Circumstances) -> str:
    none = not (around.driver or around.wsl or seen.gpus or seen.module)
    return "this machine has no NVIDIA driver, or no GPU" if none else ""


def _asked_for_none(seen: Evidence, _around: Circumstances) -> str:
    value = seen.variables.get("NVIDIA_VISIBLE_DEVICES")
    if seen.gpus or "/dev/dxg" in seen.devices or value not in _NOTHING:
        return ""
    return f"NVIDIA_VISIBLE_DEVICES is '{value}', which asks the toolkit for no GPU"


def _no_device(seen: Evidence, _around: Circumstances) -> str:
    return "" if seen.gpus or "/dev/dxg" in seen.devices else "/dev in the container has no GPU"


def _no_wsl_library(seen: Evidence, _around: Circumstances) -> str:
    if "/dev/dxg" not in seen.devices or not _absent(seen):
        return ""
    return f"/dev/dxg is there and Windows' libcuda is not: {seen.libcuda.problem}"


def _no_compute(seen: Evidence, _around: Circumstances) -> str:
    if seen.nvml.code is None or not _absent(seen):
        return ""
    value = seen.variables.get("NVIDIA_DRIVER_CAPABILITIES", "not set")
    return f"NVML was mounted and libcuda was not; NVIDIA_DRIVER_CAPABILITIES is {value}"


def _lost(seen: Evidence, _around: Circumstances) -> str:
    forbidden = [path for path, answer in seen.devices.items() if answer == "EPERM"]
    return f"{forbidden[0]} is there and may not be opened: the cgroup has lost it" if forbidden else ""


def _not_allowed(seen: Evidence, _around: Circumstances) -> str:
    forbidden = [path for path, answer in seen.devices.items() if answer == "EACCES"]
    return f"{forbidden[0]} may not be opened by this user" if forbidden else ""


def _no_uvm(seen: Evidence, _around: Circumstances) -> str:
    without = bool(seen.gpus) and "/dev/nvidia-uvm" not in seen.devices
    return f"{', '.join(seen.devices)} and no /dev/nvidia-uvm" if without and seen.libcuda.code != 0 else ""


AILMENTS = (
    Ailment(
        "no-python",
        Layer.CONTAINER,
        "the image has no Python, so nothing in it can be looked at",
        Smi.EITHER,
        "",
        "Look at an image with python3 on top of it: `FROM IMAGE` and your package manager's python3.",
        _no_python,
    ),
    Ailment(
        "require-cuda",
        Layer.CONTAINER,
        "the toolkit refuses to start NVIDIA's image: the driver is older than NVIDIA_REQUIRE_CUDA",
        Smi.FAILS,
        "nothing: the container does not start",
        "Update the driver, or take an image of an older CUDA; `python -m builder which` names them.",
        _required,
    ),
    Ailment(
        "stale-cdi",
        Layer.CONTAINER,
        "the CDI specification is of an earlier driver, or does not know the device",
        Smi.FAILS,
        "nothing: the container does not start",
        "`sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`",
        _stale_cdi,
    ),
    Ailment(
        "toolkit-missing",
        Layer.CONTAINER,
        "the container toolkit is missing, or Docker was not told of it",
        Smi.FAILS,
        _NO_GPUS,
        _TOOLKIT,
        _toolkit_unknown,
    ),
    Ailment(
        "not-started",
        Layer.CONTAINER,
        "the container did not start, or ended before it could be looked at",
        Smi.FAILS,
        "nothing",
        "See what the engine says.",
        _not_started,
    ),
    Ailment(
        "no-driver",
        Layer.CONTAINER,
        "the machine has no driver, or no GPU",
        Smi.FAILS,
        _NO_GPUS,
        "`python -m builder doctor` says what the machine lacks.",
        _no_driver,
    ),
    Ailment(
        "no-gpu-asked",
        Layer.CONTAINER,
        "NVIDIA_VISIBLE_DEVICES tells the toolkit to give no GPU",
        Smi.FAILS,
        _NO_GPUS,
        "Take `ENV NVIDIA_VISIBLE_DEVICES` out of the image, or start it with "
        "`-e NVIDIA_VISIBLE_DEVICES=all`.",
        _asked_for_none,
    ),
    Ailment(
        "no-device",
        Layer.CONTAINER,
        "the container was started without a GPU",
        Smi.FAILS,
        _NO_GPUS,
        "`docker run --gpus all …`, or with CDI `docker run --device nvidia.com/gpu=all …`",
        _no_device,
    ),
    Ailment(
        "wsl-no-library",
        Layer.CONTAINER,
        "WSL2 without the driver library of Windows",
        Smi.FAILS,
        _NO_GPUS,
        "Install NVIDIA's driver in Windows, `wsl --shutdown`, and mount /usr/lib/wsl into the container.",
        _no_wsl_library,
    ),
    Ailment(
        "no-compute",
        Layer.CONTAINER,
        "the toolkit mounted what nvidia-smi needs, and not what CUDA needs",
        Smi.WORKS,
        _NO_GPUS,
        "Start it with `-e NVIDIA_DRIVER_CAPABILITIES=compute,utility`, or leave that variable alone.",
        _no_compute,
    ),
    Ailment(
        "device-lost",
        Layer.CONTAINER,
        "the cgroup lost the device, as after `systemctl daemon-reload`",
        Smi.FAILS,
        "CUDA unknown error; nvidia-smi: Failed to initialize NVML: Unknown Error",
        "Restart the container. So that it lasts: `sudo nvidia-ctk system create-dev-char-symlinks "
        "--create-all`, or lend GPUs through CDI.",
        _lost,
    ),
    Ailment(
        "device-denied",
        Layer.CONTAINER,
        "the container's user may not open the device",
        Smi.FAILS,
        "CUDA unknown error",
        "`--group-add` the group of /dev/nvidia0, or NVreg_DeviceFileMode=0666 for the kernel module.",
        _not_allowed,
    ),
    Ailment(
        "uvm-missing",
        Layer.CONTAINER,
        "/dev/nvidia-uvm is missing",
        Smi.WORKS,
        "CUDA unknown error (999)",
        "`sudo nvidia-modprobe -c 0 -u` on the host, then start the container again.",
        _no_uvm,
    ),
)

"""What can be wrong with WSL2."""

from collections.abc import Mapping

from builder.doctor.observation import Part, State

from ..machine import DRIVER, SOUND, UNLOADED
from .fault import HostFault

_WSL: Mapping[str, str | None] = {
    **UNLOADED,
    **{name: None for name in SOUND if name.startswith(("/sys/bus", "/usr/lib", "/etc/cdi"))},
    "/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n",
    "/dev/dxg": "",
    "/usr/lib/wsl/lib/libcuda.so.1": "",
}

WSL2_FAULTS = (
    HostFault(
        "wsl1",
        "WSL without /dev/dxg",
        {**_WSL, "/dev/dxg": None},
        Part.WSL2,
        "no /dev/dxg",
        "wsl --set-version",
    ),
    HostFault(
        "wsl-no-library",
        "WSL2 without its driver library",
        {**_WSL, "/usr/lib/wsl/lib/libcuda.so.1": None},
        Part.WSL2,
        "Windows has no driver",
        "driver in Windows",
    ),
    HostFault(
        "wsl-own-driver",
        "a Linux driver inside WSL2",
        {**_WSL, f"/usr/lib/x86_64-linux-gnu/libcuda.so.{DRIVER}": ""},
        Part.WSL2,
        "hides the one of Windows",
        "purge",
    ),
    HostFault(
        "wsl-old-kernel",
        "an old kernel in WSL2",
        {**_WSL, "/proc/sys/kernel/osrelease": "5.4.72-microsoft-standard-WSL2\n"},
        Part.WSL2,
        "is old",
        "wsl --update",
        State.NOTE,
    ),
)

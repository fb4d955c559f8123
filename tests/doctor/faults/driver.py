"""What can be wrong with a machine's driver."""

from collections.abc import Mapping

from builder.doctor.observation import Part, State

from ..machine import DRIVER, GPU_FILE, PROPRIETARY, SOUND, UNLOADED, VERSION_FILE, cdi, model
from .fault import HostFault

_SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def _other(driver: str) -> Mapping[str, str | None]:
    """The same machine with another driver, loaded and installed."""
    old = f"/usr/lib/x86_64-linux-gnu/libcuda.so.{DRIVER}"
    return {
        VERSION_FILE: SOUND[VERSION_FILE].replace(DRIVER, driver),
        old: None,
        old.replace(DRIVER, driver): "",
        "/etc/cdi/nvidia.yaml": cdi(driver),
    }


DRIVER_FAULTS = (
    HostFault(
        "no-gpu",
        "no GPU in the machine",
        {**UNLOADED, "/sys/bus/pci/devices/0000:19:00.0/vendor": "0x8086\n"},
        Part.DRIVER,
        "no NVIDIA GPU",
        "require",
    ),
    HostFault(
        "no-driver",
        "a GPU and no driver",
        {**UNLOADED, "/usr/sbin/modinfo": None},
        Part.DRIVER,
        "no driver is loaded",
        "repos/ubuntu2404/x86_64/cuda-keyring",
    ),
    HostFault(
        "no-driver-rocky",
        "the same on another distribution",
        {
            **UNLOADED,
            "/usr/sbin/modinfo": None,
            "/etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n',
        },
        Part.DRIVER,
        "no driver is loaded",
        "sudo dnf config-manager --add-repo",
    ),
    HostFault(
        "nouveau",
        "nouveau has the GPU",
        {**UNLOADED, "/sys/module/nouveau/version": ""},
        Part.DRIVER,
        "nouveau",
        "update-initramfs",
    ),
    HostFault(
        "not-loaded",
        "a driver that is installed and not loaded",
        UNLOADED,
        Part.DRIVER,
        f"{DRIVER} is installed",
        "modprobe nvidia",
    ),
    HostFault(
        "secure-boot",
        "Secure Boot keeps the module out",
        {**UNLOADED, _SECURE_BOOT: "\x06\x00\x00\x00\x01"},
        Part.DRIVER,
        "Secure Boot",
        "mokutil",
    ),
    HostFault(
        "updated-not-rebooted",
        "libraries of another driver than the loaded module",
        {VERSION_FILE: SOUND[VERSION_FILE].replace(DRIVER, "580.65.06"), "/etc/cdi/nvidia.yaml": None},
        Part.DRIVER,
        "803",
        "reboot",
    ),
    HostFault(
        "branch-over",
        "a driver branch without updates",
        _other("570.172.08"),
        Part.DRIVER,
        "no updates since 2026-01-27",
        "nvidia-open",
        State.NOTE,
    ),
    HostFault(
        "branch-ending",
        "a driver branch that soon gets none",
        _other("590.44.01"),
        Part.DRIVER,
        "last updates on 2026-12-22",
        "nvidia-open",
        State.NOTE,
    ),
    HostFault(
        "branch-unknown",
        "a driver branch that never was",
        _other("581.15"),
        Part.DRIVER,
        "not one that NVIDIA supports",
        "nvidia-open",
        State.NOTE,
    ),
    HostFault(
        "dropped-gpu",
        "a driver that has dropped the GPU",
        {**_other("590.44.01"), GPU_FILE: model("Tesla V100-SXM2-16GB")},
        Part.DRIVER,
        "has dropped",
        "branch 580",
    ),
    HostFault(
        "proprietary-on-blackwell",
        "the proprietary module with a GPU that needs the open one",
        {VERSION_FILE: PROPRIETARY, GPU_FILE: model("NVIDIA B200")},
        Part.DRIVER,
        "open kernel module only",
        "nvidia-open",
    ),
    HostFault(
        "open-on-volta",
        "the open module with a GPU that it does not know",
        {GPU_FILE: model("Tesla V100-SXM2-16GB")},
        Part.DRIVER,
        "proprietary kernel module only",
        "cuda-drivers",
    ),
    HostFault(
        "no-uvm",
        "/dev/nvidia-uvm missing",
        {"/dev/nvidia-uvm": None, "/dev/nvidia-uvm-tools": None, "/etc/cdi/nvidia.yaml": None},
        Part.DRIVER,
        "/dev/nvidia-uvm is missing",
        "nvidia-modprobe -c 0 -u",
    ),
    HostFault(
        "no-fabric-manager",
        "NVSwitches without their fabric manager",
        {"/proc/driver/nvidia-nvswitch/devices/0000:03:00.0": ""},
        Part.DRIVER,
        "802",
        "nvidia-fabricmanager",
    ),
)

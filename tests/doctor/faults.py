"""What can be wrong with a machine, each planted in files or programs of a sound one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from builder.doctor.observation import Part, State

from .machine import (
    DRIVER,
    NODES,
    PROPRIETARY,
    QEMU,
    SOUND,
    builders,
    cdi,
    docker,
    info,
    model,
    says,
)

TODAY = date(2026, 11, 21)
_GPU = "/proc/driver/nvidia/gpus/0000:19:00.0/information"
_VERSION = "/proc/driver/nvidia/version"
_UNLOADED: Mapping[str, str | None] = {
    _VERSION: None,
    _GPU: None,
    "/sys/module/nvidia/version": None,
    **{f"/dev/{name}": None for name in NODES},
}
_WSL: Mapping[str, str | None] = {
    **_UNLOADED,
    **{name: None for name in SOUND if name.startswith(("/sys/bus", "/usr/lib", "/etc/cdi"))},
    "/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n",
    "/dev/dxg": "",
    "/usr/lib/wsl/lib/libcuda.so.1": "",
}
_SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
_NO_TOOLKIT: Mapping[str, str | None] = {
    "/usr/bin/nvidia-ctk": None,
    "/etc/cdi/nvidia.yaml": None,
    "/usr/bin/docker": docker(info(Runtimes={"runc": {}})),
}


def _other(driver: str) -> Mapping[str, str | None]:
    """The same machine with another driver, loaded and installed."""
    old = f"/usr/lib/x86_64-linux-gnu/libcuda.so.{DRIVER}"
    return {
        _VERSION: SOUND[_VERSION].replace(DRIVER, driver),
        old: None,
        old.replace(DRIVER, driver): "",
        "/etc/cdi/nvidia.yaml": cdi(driver),
    }


@dataclass(frozen=True, slots=True)
class HostFault:
    """Files that differ from a sound machine's, the part that is named, and words of both sentences."""

    id: str
    planted: str
    files: Mapping[str, str | None]
    part: Part
    says: str
    fix: str
    state: State = State.BROKEN
    on: date = TODAY
    platforms: tuple[str, ...] = field(default=("linux/amd64", "linux/arm64"))

    @property
    def refused_by(self) -> tuple[str, ...]:
        """Where the doctor says it, and in which words."""
        return (f"{self.part}: {self.says}",)


FAULTS = (
    HostFault(
        "no-gpu",
        "no GPU in the machine",
        {**_UNLOADED, "/sys/bus/pci/devices/0000:19:00.0/vendor": "0x8086\n"},
        Part.DRIVER,
        "no NVIDIA GPU",
        "require",
    ),
    HostFault(
        "no-driver",
        "a GPU and no driver",
        {**_UNLOADED, "/usr/sbin/modinfo": None},
        Part.DRIVER,
        "no driver is loaded",
        "repos/ubuntu2404/x86_64/cuda-keyring",
    ),
    HostFault(
        "no-driver-rocky",
        "the same on another distribution",
        {
            **_UNLOADED,
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
        {**_UNLOADED, "/sys/module/nouveau/version": ""},
        Part.DRIVER,
        "nouveau",
        "update-initramfs",
    ),
    HostFault(
        "not-loaded",
        "a driver that is installed and not loaded",
        _UNLOADED,
        Part.DRIVER,
        f"{DRIVER} is installed",
        "modprobe nvidia",
    ),
    HostFault(
        "secure-boot",
        "Secure Boot keeps the module out",
        {**_UNLOADED, _SECURE_BOOT: "\x06\x00\x00\x00\x01"},
        Part.DRIVER,
        "Secure Boot",
        "mokutil",
    ),
    HostFault(
        "updated-not-rebooted",
        "libraries of another driver than the loaded module",
        {_VERSION: SOUND[_VERSION].replace(DRIVER, "580.65.06"), "/etc/cdi/nvidia.yaml": None},
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
        {**_other("590.44.01"), _GPU: model("Tesla V100-SXM2-16GB")},
        Part.DRIVER,
        "has dropped",
        "branch 580",
    ),
    HostFault(
        "proprietary-on-blackwell",
        "the proprietary module with a GPU that needs the open one",
        {_VERSION: PROPRIETARY, _GPU: model("NVIDIA B200")},
        Part.DRIVER,
        "open kernel module only",
        "nvidia-open",
    ),
    HostFault(
        "open-on-volta",
        "the open module with a GPU that it does not know",
        {_GPU: model("Tesla V100-SXM2-16GB")},
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
    HostFault(
        "no-toolkit",
        "neither toolkit nor CDI",
        _NO_TOOLKIT,
        Part.LENDING,
        "neither",
        "apt-get install nvidia-container-toolkit && sudo nvidia-ctk runtime configure",
    ),
    HostFault(
        "toolkit-unknown-to-engine",
        "a toolkit that Docker was not told of",
        {**_NO_TOOLKIT, "/usr/bin/nvidia-ctk": SOUND["/usr/bin/nvidia-ctk"]},
        Part.LENDING,
        "Docker does not know it",
        "nvidia-ctk runtime configure",
    ),
    HostFault(
        "vulnerable-toolkit",
        "a toolkit that containers escape from",
        {"/usr/bin/nvidia-ctk": says("NVIDIA Container Toolkit CLI version 1.17.4")},
        Part.LENDING,
        "CVE-2025-23266",
        "nvidia-container-toolkit",
        State.NOTE,
    ),
    HostFault(
        "lost-at-reload",
        "systemd's cgroups without links in /dev/char",
        {"/dev/char/195:0": None},
        Part.LENDING,
        "lose their GPUs when systemd reloads",
        "create-dev-char-symlinks",
        State.NOTE,
    ),
    HostFault(
        "stale-cdi",
        "a CDI specification of an earlier driver",
        {"/etc/cdi/nvidia.yaml": cdi("570.172.08")},
        Part.LENDING,
        "is for driver 570.172.08",
        "nvidia-ctk cdi generate",
    ),
    HostFault(
        "cdi-names-missing-file",
        "a CDI specification of devices that are gone",
        {"/etc/cdi/nvidia.yaml": cdi().replace("/dev/nvidia0", "/dev/nvidia7")},
        Part.LENDING,
        "names /dev/nvidia7",
        "nvidia-ctk cdi generate",
    ),
    HostFault(
        "broken-cdi",
        "a CDI specification that was cut off",
        {"/etc/cdi/nvidia.yaml": cdi()[:100]},
        Part.LENDING,
        "is no CDI specification",
        "nvidia-ctk cdi generate",
    ),
    HostFault(
        "cdi-off",
        "an engine that does not read CDI",
        {"/usr/bin/docker": docker(info(CDISpecDirs=[], Runtimes={"runc": {}}))},
        Part.LENDING,
        "does not read CDI",
        "daemon.json",
    ),
    HostFault(
        "no-docker",
        "no docker",
        {"/usr/bin/docker": None},
        Part.ENGINE,
        "no docker command",
        "get.docker.com",
    ),
    HostFault(
        "engine-down",
        "an engine that does not answer",
        {"/usr/bin/docker": docker("").replace("echo ''", "echo Cannot connect >&2; exit 1")},
        Part.ENGINE,
        "Cannot connect",
        "systemctl start docker",
    ),
    HostFault(
        "not-in-group",
        "a user who may not talk to the engine",
        {"/usr/bin/docker": docker('{"ServerErrors": ["permission denied while trying to connect"]}')},
        Part.ENGINE,
        "permission denied",
        "usermod -aG docker",
    ),
    HostFault(
        "old-engine",
        "an engine from before CDI",
        {"/usr/bin/docker": docker(info(ServerVersion="20.10.24+dfsg1"))},
        Part.ENGINE,
        "older than 25",
        "get.docker.com",
        State.NOTE,
    ),
    HostFault(
        "no-buildx",
        "docker without Buildx",
        {"/usr/bin/docker": docker(buildx="")},
        Part.BUILDER,
        "no Buildx",
        "apt",
    ),
    HostFault(
        "old-buildx",
        "a Buildx without what bake needs",
        {"/usr/bin/docker": docker(buildx="github.com/docker/buildx v0.10.2 00ed17d")},
        Part.BUILDER,
        "older than 0.13",
        "apt",
    ),
    HostFault(
        "builder-gone",
        "a builder that does not answer",
        {"/usr/bin/docker": docker(builders=builders(Err="connection refused"))},
        Part.BUILDER,
        "connection refused",
        "--bootstrap",
    ),
    HostFault(
        "platform-missing",
        "a builder without arm64",
        {"/usr/bin/docker": docker(builders=builders("linux/amd64", "linux/amd64/v2"))},
        Part.BUILDER,
        "cannot build linux/arm64",
        "binfmt --install arm64",
    ),
    HostFault(
        "classic-store",
        "an image store for one platform",
        {"/usr/bin/docker": docker(info(DriverStatus=[["Backing Filesystem", "extfs"]]))},
        Part.BUILDER,
        "several platforms",
        "containerd-snapshotter",
    ),
    HostFault(
        "old-qemu",
        "a QEMU that crashes on torch",
        {"/usr/bin/qemu-aarch64-static": says("qemu-aarch64 version 7.2.19 (Debian 1:7.2+dfsg)")},
        Part.EMULATION,
        "crashes on `import torch`",
        "binfmt --uninstall",
    ),
    HostFault(
        "qemu-not-fixed",
        "an entry without the flag F",
        {"/proc/sys/fs/binfmt_misc/qemu-aarch64": QEMU.replace("PF", "P")},
        Part.EMULATION,
        "without the flag F",
        "binfmt --install arm64",
    ),
    HostFault(
        "qemu-disabled",
        "a disabled entry",
        {"/proc/sys/fs/binfmt_misc/qemu-aarch64": QEMU.replace("enabled", "disabled")},
        Part.EMULATION,
        "is disabled",
        "echo 1",
    ),
)

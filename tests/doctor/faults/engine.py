"""What can be wrong with engine, builder and emulators."""

from builder.doctor.observation import Part, State

from ..machine import QEMU, builders, docker, info, says
from .fault import HostFault

ENGINE_FAULTS = (
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

"""What can keep a GPU that works from containers: toolkit, runtime, CDI."""

from collections.abc import Mapping

from builder.doctor.observation import Part, State

from ..machine import SOUND, cdi, docker, info, says
from .fault import HostFault

_NO_TOOLKIT: Mapping[str, str | None] = {
    "/usr/bin/nvidia-ctk": None,
    "/etc/cdi/nvidia.yaml": None,
    "/usr/bin/docker": docker(info(Runtimes={"runc": {}})),
}

LENDING_FAULTS = (
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
)

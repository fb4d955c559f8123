"""The ground: machine, operating system, python."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.elf import describe
from builder.smoke.probes.promise import Facts, Promise

# os-release's ID where it differs from the name in NVIDIA's image tags.
_IDS = {
    "amzn": ("amzn",),
    "azl": ("azurelinux",),
    "cm": ("mariner",),
    "opensuse": ("opensuse-leap",),
    "oraclelinux": ("ol",),
    "rockylinux": ("rocky",),
    "suse": ("sles", "suse", "opensuse-leap"),
    "ubi": ("rhel",),
}


def _logs_in(promise: Promise) -> bool:
    if promise.command or promise.source == "ngc-pytorch":
        return False  # an app sets PATH as it likes, and NVIDIA's image as NVIDIA likes
    return bool(promise.python) or promise.compiler


@check("platform.machine", "the bits are for the platform they are published under", lane="files", limit=5)
def machine(promise: Promise, facts: Facts) -> str:
    """Compares what the kernel says and what a program was compiled for: python, or the shell without it."""
    facts["kernel"] = platform.release()
    program = Path(sys.executable if promise.python else "/bin/sh").resolve()
    seen = {"uname": os.uname().machine, program.name: describe(program)}
    wanted = {"uname": promise.machine, program.name: f"ELF64 {promise.machine}"}
    if seen != wanted:
        raise Failed(f"{seen} instead of {wanted}")
    return f"{seen[program.name]}, {' '.join(platform.libc_ver(str(program)))}"


@check("platform.os", "the operating system is the one in the tag", lane="files", limit=5)
def operating_system(promise: Promise, _facts: Facts) -> str:
    """Compares os-release with the cell's os."""
    lines = Path("/etc/os-release").read_text().splitlines()
    release = {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in lines)}
    name = promise.os.rstrip("0123456789.")
    version = promise.os[len(name) :]
    seen, seen_version = release.get("ID", ""), release.get("VERSION_ID", "")
    if seen not in _IDS.get(name, (name,)) or not f"{seen_version}.".startswith(f"{version}."):
        raise Failed(f"os-release says {seen} {seen_version}, the cell {promise.os}")
    return release.get("PRETTY_NAME", f"{seen} {seen_version}")


@check(
    "platform.python",
    "python is the promised one",
    lane="files",
    limit=5,
    wanted=lambda promise: bool(promise.python),
)
def python(promise: Promise, _facts: Facts) -> str:
    """Compares as many parts of the version as the cell names."""
    version = platform.python_version()
    if not f"{version}.".startswith(f"{promise.python}."):
        raise Failed(f"python is {version}, the cell says {promise.python}")
    return f"{version} at {sys.executable}"


@check(
    "platform.managed",
    "python is the one that uv manages, and none of the system's",
    lane="files",
    limit=5,
    wanted=lambda promise: promise.env == "uv",
)
def managed(_promise: Promise, _facts: Facts) -> str:
    """Looks where python's own library is, and where builds of extensions are told that its headers are."""
    told = sysconfig.get_config_var("INCLUDEPY") or ""
    for place in (sys.base_prefix, told):
        if not f"{place}/".startswith("/opt/python/"):
            raise Failed(f"python is of {place}, not of /opt/python")
    return sys.base_prefix


@check(
    "platform.no-python",
    "an image that does without Python has none",
    lane="files",
    limit=60,
    wanted=lambda promise: not promise.python,
)
def no_python(_promise: Promise, _facts: Facts) -> str:
    """The one that this runs with is lent, and mounted from outside."""
    if found := inventory.copies("python"):
        raise Failed(f"not wanted here: {', '.join(found)}")
    return f"none, this one is {sys.executable}"


@check(
    "platform.login",
    "login shells find the same python3 and nvcc as everything else",
    lane="files",
    limit=10,
    wanted=_logs_in,
)
def login(promise: Promise, _facts: Facts) -> str:
    """Asks one: systems set PATH anew for them. What nothing finds is for other checks."""
    shell = shutil.which("bash") or "/bin/sh"
    names = (*(["python3"] if promise.python else []), *(["nvcc"] if promise.compiler else []))
    wanted = {name: found for name in names if (found := shutil.which(name))}
    for name, place in wanted.items():
        command = (shell, "-lc", f"command -v {name}")
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        seen = (done.stdout.splitlines() or ["none"])[-1]
        if seen != place:
            raise Failed(f"{shell} -l finds {seen} as {name}, and {place} is on PATH")
    return f"{shell}: {', '.join(wanted.values())}"


CHECKS: tuple[Check, ...] = (machine, operating_system, python, managed, no_python, login)

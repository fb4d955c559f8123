"""The guards: what decides which machine code runs is not replaced by a later installation, unasked."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.promise import Facts, Promise

_GUARDED = re.compile(r"torch|triton|(?:nvidia|cuda)-.+")
_OF_MAJOR = re.compile(r"(nvidia-.+-cu)(\d+)")
_OTHER = "999.0"
# UV_CONSTRAINT is not enough: a `-c` of the user's takes its place.
_UV = Path("/etc/uv/uv.toml")
_LISTS = Path("/etc/apt/sources.list.d")


def _wanted(promise: Promise) -> bool:
    if promise.command or promise.source == "ngc-pytorch":
        return False  # an app installs what it likes, and NVIDIA's image has constraints of its own
    return bool(promise.python) and (promise.source == "wheels" or bool(promise.torch))


@check(
    "wheels.guarded", "pip and uv refuse to replace torch and CUDA", lane="wheels", limit=90, wanted=_wanted
)
def guarded(promise: Promise, _facts: Facts) -> str:
    """Looks for a constraint on each of their packages, and tries one: pip says what it would do.

    uv is in no image; what it reads of the system's is looked at.
    """
    installed = {
        found.metadata["Name"].lower(): found.version for found in importlib.metadata.distributions()
    }
    kept = {name: version for name, version in installed.items() if _GUARDED.fullmatch(name)}
    file = Path(os.environ.get("PIP_CONSTRAINT") or "/nonexistent")
    lines = set(file.read_text().split()) if file.is_file() else set()
    free = sorted(name for name, version in kept.items() if f"{name}==={version}" not in lines)
    if free or not kept:
        raise Failed(f"nothing keeps {', '.join(free) or 'torch and CUDA'} as installed")
    settings = _UV.read_text() if _UV.is_file() else ""
    if loose := sorted(name for name, version in kept.items() if f'"{name}==={version}"' not in settings):
        raise Failed(f"{_UV} does not keep uv from replacing {', '.join(loose)}")
    offers = ["torch" if promise.torch else next(iter(kept))]
    if twins := [twin for name in kept if (twin := _twin(name))]:
        # One is enough, if any lacks its line it is that one: pip takes its time under emulation.
        offers.append(min(twins, key=lambda twin: f"{twin}<0" in lines))
    for name in offers if importlib.util.find_spec("pip") else ():
        if _would_install(name):
            raise Failed(f"pip would install another {name}")
    return f"{len(kept)} packages"


def _twin(name: str) -> str:
    """The same package of another major of CUDA, whose files would be written over its own."""
    found = _OF_MAJOR.fullmatch(name)
    return f"{found[1]}{13 if found[2] == '12' else 12}" if found else ""


def _would_install(name: str) -> bool:
    """Whether pip would take another release of a package, which it is offered."""
    with tempfile.TemporaryDirectory() as folder:
        file = name.replace("-", "_")
        with zipfile.ZipFile(Path(folder, f"{file}-{_OTHER}-py3-none-any.whl"), "w") as wheel:
            about = f"{file}-{_OTHER}.dist-info"
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {_OTHER}\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        offer = ("--no-index", "--find-links", folder, "--no-deps", "--no-cache-dir")
        command = (sys.executable, "-m", "pip", "install", "--dry-run", *offer, f"{name}=={_OTHER}")
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    if done.returncode and "(constraint)" not in said:
        raise Failed(f"pip did not say whether it would: {said.strip()[-400:]}")
    return not done.returncode


def _has_nvidias_packages(promise: Promise) -> bool:
    return (
        promise.source == "upstream" and not promise.command and promise.os.startswith(("debian", "ubuntu"))
    )


@check(
    "packages.held",
    "apt leaves NVIDIA's packages as they are",
    lane="files",
    limit=10,
    wanted=_has_nvidias_packages,
)
def held(_promise: Promise, _facts: Facts) -> str:
    """Asks dpkg what is wanted of each. Where apt knows NVIDIA's list, one of them at least must be found."""
    command = ("dpkg-query", "-W", "-f", "${Package}\t${Maintainer}\t${db:Status-Want}\n")
    known = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True).stdout
    rows = [line.split("\t") for line in known.splitlines()]
    wanted = {name: want for name, maintainer, want in rows if "nvidia.com" in maintainer}
    if loose := sorted(name for name, want in wanted.items() if want != "hold"):
        raise Failed(f"apt would replace {', '.join(loose)}")
    if not wanted and (lists := sorted(_LISTS.glob("cuda*"))):
        raise Failed(f"no package is known as NVIDIA's, and there is {lists[0]}")
    return f"{len(wanted)} packages"


CHECKS: tuple[Check, ...] = (guarded, held)

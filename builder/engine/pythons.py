"""Asks uv which Pythons it manages, and their releases for the hashes of the archives."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from builder.engine.places import place_from_environment
from builder.engine.processes import run
from builder.matrix.expansion.managed import MACHINES, RELEASES, ManagedPython
from builder.matrix.lock import LockedPackage
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode

MIRROR = "UV_PYTHON_INSTALL_MIRROR"
_SUMS = "SHA256SUMS"
_SECONDS = 60.0
_FIX_MIRROR = f"Have {MIRROR} name a copy of the releases, with their {_SUMS}, or correct it."


def mirror_from_environment() -> str:
    """Where archives are found by release and name on this machine; empty for where uv itself looks."""
    return place_from_environment(MIRROR)


def find(wanted: ManagedPython, mirror: str = "") -> tuple[LockedPackage, ...]:
    """The archive of the newest release of a version for every machine, as uv would choose it.

    Raises:
        BuilderError: (4) when uv knows no such Python, (22) when the releases lack what uv knows,
            (23) when they cannot be read.
    """
    known = [entry for entry in _listed() if _is_usual(entry)]
    fitting = {entry["arch"]: entry for entry in known if _minor(entry) == wanted.version}
    if not fitting.keys() >= {*MACHINES}:
        offered = sorted({_minor(entry) for entry in known}, key=lambda minor: int(minor.split(".")[1]))
        raise BuilderError(
            ExitCode.INCOMPATIBLE,
            f"uv knows no Python {wanted.version} for {' and '.join(MACHINES)}",
            fix=f"Choose {', '.join(offered)}, or update uv.",
        )
    return tuple(_locked(fitting[machine], mirror or RELEASES) for machine in MACHINES)


def _listed() -> list[dict[str, Any]]:
    """uv's newest release of each minor version, for whatever machine; it asks nobody for that."""
    from uv import find_uv_bin

    arguments = [
        "python",
        "list",
        "--only-downloads",
        "--all-arches",
        "--no-config",
        "--output-format",
        "json",
    ]
    # A mirror would be written into the addresses.
    environment = {name: value for name, value in os.environ.items() if name != MIRROR}
    ran = run([find_uv_bin(), *arguments], seconds=_SECONDS, environment=environment)
    if ran.returncode:
        what = f"uv does not say which Pythons it manages: {' '.join(ran.stderr.split())}"
        raise BuilderError(ExitCode.UNAVAILABLE, what, fix="Correct UV_PYTHON_DOWNLOADS_JSON_URL.")
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def _is_usual(entry: dict[str, Any]) -> bool:
    """Whether it is a release of CPython as it is, for Linux with glibc; alphas have letters."""
    usual = {"implementation": "cpython", "os": "linux", "libc": "gnu", "variant": "default"}
    return usual.items() <= entry.items() and entry["version"].replace(".", "").isdecimal()


def _minor(entry: dict[str, Any]) -> str:
    return ".".join(entry["version"].split(".")[:2])


def _locked(entry: dict[str, Any], place: str) -> LockedPackage:
    release, name = unquote(urlsplit(entry["url"]).path).split("/")[-2:]
    lines = (line.split() for line in _read(f"{place}/{release}/{_SUMS}").splitlines())
    found = next((sha256 for sha256, *names in lines if names == [name]), "")
    if not found:
        what = f"{_SUMS} of {release} at {place} has no {name}"
        raise BuilderError(ExitCode.NOT_FOUND, what, fix=_FIX_MIRROR)
    version = name.split("-")[1]
    return LockedPackage(
        f"cpython-{entry['arch']}", version, f"{release}/{name}", Digest.parse(f"sha256:{found}")
    )


def _read(address: str) -> str:
    try:
        if address.startswith("file://"):
            return Path(unquote(urlsplit(address).path)).read_text()
        return _download(address)
    except FileNotFoundError as error:
        raise BuilderError(ExitCode.NOT_FOUND, f"there is no {address}", fix=_FIX_MIRROR) from error
    except OSError as error:
        raise BuilderError(
            ExitCode.UNAVAILABLE, f"{address} cannot be read: {error}", fix=_FIX_MIRROR
        ) from error


def _download(address: str) -> str:
    import httpx

    from builder.web.transport import Transport

    try:
        with httpx.Client(transport=Transport(), follow_redirects=True, timeout=_SECONDS) as client:
            answer = client.get(address)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(str(error) or type(error).__name__) from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise FileNotFoundError(address)
    if not answer.is_success:
        raise OSError(f"it answers {answer.status_code}")
    return answer.text

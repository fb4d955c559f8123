"""Install the Python that uv manages: the image's into /image/opt/python, this machine's into /opt/python.

Usage: install-python.py MACHINE RELEASES
/builder/archives.txt has an archive for each machine, below UV_PYTHON_INSTALL_MIRROR or else RELEASES. Both
lie at the same place, so that what is made with the one runs with the other.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from fetch import fetch

BUILDER, CACHE, IMAGE = Path("/builder"), Path("/var/cache/pythons"), Path("/image")
PREFIX = "opt/python"
SCRATCH = BUILDER / "pythons"
MIRROR = "UV_PYTHON_INSTALL_MIRROR"
ARCHIVE = re.compile(r"cpython-(\d+)\.(\d+)\.(\d+)\+(\d+)-(\w+)-unknown-linux-gnu-")


def main(machine: str, releases: str) -> None:
    """Fetch both, then have uv unpack them."""
    place = os.environ.pop(MIRROR, "") or releases
    files = {}
    for line in (BUILDER / "archives.txt").read_text().split():
        path, digest = line.split("#sha256:")
        found = ARCHIVE.match(Path(path).name)
        if found and found[5] in (machine, platform.machine()):
            files[found[5]] = found, fetch(f"{place}/{quote(path)}", path, digest, CACHE)
    here, there = Path("/", PREFIX), IMAGE / PREFIX
    install(*files[platform.machine()], here)
    install(*files[machine], there)
    library = f"lib/python{files[machine][0][1]}.{files[machine][0][2]}"
    # What runs as another user cannot keep what it compiles. Files may be given other times later.
    compiling = ["-m", "compileall", "-q", "-x", "/tests?/", "--invalidation-mode", "checked-hash"]
    subprocess.run([here / "bin/python3", *compiling, "-d", here / library, there / library], check=True)


def install(found: re.Match[str], file: Path, place: Path) -> None:
    """Have uv unpack an archive, which makes a compiler of it that others have, and move it to its place."""
    major, minor, patch, build, machine = found.groups()
    key = f"cpython-{major}.{minor}.{patch}-linux-{machine}-gnu"
    entry = {
        "name": "cpython",
        "os": "linux",
        "libc": "gnu",
        "prerelease": "",
        "variant": None,
        "build": build,
        "major": int(major),
        "minor": int(minor),
        "patch": int(patch),
        "arch": {"family": machine, "variant": None},
        "url": file.as_uri(),
        "sha256": None,
    }
    downloads = BUILDER / "downloads.json"
    downloads.write_text(json.dumps({key: entry}))
    options = ["--no-bin", "--install-dir", SCRATCH, "--python-downloads-json-url", downloads.as_uri()]
    command = [BUILDER / "uv/bin/uv", "--no-progress", "python", "install", *options, key]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"uv cannot unpack {file.name}")
    unpacked = SCRATCH / key
    for text in unpacked.rglob("*"):
        settle(text, str(unpacked).encode())
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(unpacked, place)


def settle(file: Path, was: bytes) -> None:
    """Have a text say where its Python is in the image, in place of where uv unpacked it."""
    if file.is_symlink() or not file.is_file():
        return
    content = file.read_bytes()
    if was in content:
        file.write_bytes(content.replace(was, f"/{PREFIX}".encode()))


if __name__ == "__main__":
    main(*sys.argv[1:])

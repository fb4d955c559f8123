"""Install the packages of an explicit environment into /opt/conda, for whatever platform; no script is run.

Usage: install-conda.py SUBDIR
/builder/explicit.txt has the packages, each below the place of its channels: CONDA_CHANNEL_ALIAS, or else
where conda itself looks. Nothing of the place is left in the environment.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fetch import fetch
from rattler import Channel, ChannelConfig, PackageRecord, RepoDataRecord, Subdir, install
from rattler.package.build_string import BuildString

BUILDER, CACHE = Path("/builder"), Path("/var/cache/conda")
PREFIX = Path("/opt/conda")
UNPACKED = BUILDER / "unpacked"
# What decides which machine code runs, as conda and as pip call it.
PINNED = re.compile(r"(lib)?torch.*|pytorch.*|triton|cuda-.+|cudatoolkit|(lib)?cudnn|nccl|lib(cu|nv).+")
CONSTRAINED = re.compile(r"torch|triton|(nvidia|cuda)-.+")
_AT_ONCE = 8


def main(subdir: str) -> None:
    """Fetch, install, and leave the environment as if it came from where the channels' names point to."""
    lines = (BUILDER / "explicit.txt").read_text().split()[1:]
    pairs = [tuple(line.split("#sha256:")) for line in lines]
    alias = os.environ.get("CONDA_CHANNEL_ALIAS", "")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = list(pool.map(lambda pair: fetch(url_of(pair[0], alias), *pair, CACHE), pairs))
    records = [record(path, digest, file) for (path, digest), file in zip(pairs, files, strict=True)]
    asyncio.run(install(records, PREFIX, cache_dir=UNPACKED, platform=Subdir(subdir), show_progress=False))
    for path, _ in pairs:
        settle(path)
    (PREFIX / "CACHEDIR.TAG").unlink(missing_ok=True)
    explicit = "".join(f"{url_of(path)}#sha256:{digest}\n" for path, digest in pairs)
    (PREFIX / "conda-meta" / "explicit.txt").write_text(f"@EXPLICIT\n{explicit}")
    shutil.copy(BUILDER / "environment.yml", PREFIX)
    guard([path for path, _ in pairs])
    shutil.copy(BUILDER / "in-environment", "/usr/local/bin")
    Path("/usr/local/bin/in-environment").chmod(0o755)


def url_of(path: str, alias: str = "") -> str:
    """Where a package is: below this place of channels, or where conda itself looks for them."""
    channel, subdir, name = path.rsplit("/", 2)
    config = ChannelConfig(f"{alias}/") if alias else ChannelConfig()
    return f"{Channel(channel, config).base_url}{subdir}/{name}"


def parts(path: str) -> tuple[str, str, str]:
    """Name, version and build of a package, as its file's name has them."""
    stem = Path(path).name.removesuffix(".conda").removesuffix(".tar.bz2")
    name, version, build = stem.rsplit("-", 2)
    return name, version, build


def record(path: str, digest: str, file: Path) -> RepoDataRecord:
    """What the installer needs to know beforehand; the rest is in the package."""
    name, version, build = parts(path)
    subdir = path.split("/")[-2]
    known = PackageRecord(
        name, version, BuildString.new_unchecked(build), 0, subdir, sha256=bytes.fromhex(digest)
    )
    return RepoDataRecord(known, Path(path).name, file.as_uri(), file.parent.as_uri())


def settle(path: str) -> None:
    """Complete what conda knows of an installed package: what that says of itself, and where it is from."""
    stem = "-".join(parts(path))
    file = PREFIX / "conda-meta" / f"{stem}.json"
    known = json.loads(file.read_text())
    told = json.loads(Path(known.pop("extracted_package_dir"), "info", "index.json").read_text())
    known.pop("link", None)
    url = url_of(path)
    known |= told | {"url": url, "channel": url.rsplit("/", 2)[0]}
    file.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
    file.chmod(0o644)  # the installer lets nobody else read it


def guard(paths: list[str]) -> None:
    """Hold torch and CUDA as they are, against conda, mamba and pip."""
    named = sorted(map(parts, paths))
    pins = [f"{name} =={version} {build}" for name, version, build in named if PINNED.fullmatch(name)]
    (PREFIX / "conda-meta" / "pinned").write_text("".join(f"{pin}\n" for pin in pins))
    folders = [str(folder) for folder in PREFIX.glob("lib/python3*/site-packages")]
    known = {
        found.metadata["Name"].lower(): found.version
        for found in importlib.metadata.distributions(path=folders)
    }
    lines = [
        f"{name}==={version}\n" for name, version in sorted(known.items()) if CONSTRAINED.fullmatch(name)
    ]
    (PREFIX / "constraints.txt").write_text("".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])

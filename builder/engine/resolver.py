"""Asks uv which wheels a set of requirements comes to, on a platform that need not be this one."""

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from builder.engine.indexes import index_of, index_url
from builder.engine.processes import run
from builder.matrix.expansion.wheels import WheelSet
from builder.matrix.lock import LockedWheel
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode

_GLIBC = (2, 28)


def resolve(wheels: WheelSet, find_links: tuple[str, ...] = ()) -> tuple[LockedWheel, ...]:
    """The wheels that uv chooses, one file each.

    `find_links` are folders of wheels to prefer to an index. The index of the variant is asked only when
    no folder has what it would be asked for.

    Raises:
        BuilderError: (4) when nothing satisfies the requirements, with uv's own explanation.
    """
    from uv import find_uv_bin

    arguments = [
        *("pip", "compile", "--quiet", "--no-header", "--no-config", "--format", "pylock.toml"),
        *("--python-platform", f"{wheels.platform.machine}-manylinux_{_GLIBC[0]}_{_GLIBC[1]}"),
        *(
            "--python-version",
            wheels.python,
            "--only-binary",
            ":all:",
            "--index-strategy",
            "unsafe-best-match",
        ),
    ]
    for folder in find_links:
        arguments += ["--find-links", folder]
    if index := index_of(wheels, find_links):
        arguments += ["--extra-index-url", index_url(index)]
    with tempfile.TemporaryDirectory(prefix="lock-") as scratch:
        asked, limits, answer = (Path(scratch, name) for name in ("in.txt", "limits.txt", "pylock.toml"))
        asked.write_text("\n".join(wheels.requirements) + "\n")
        limits.write_text("\n".join(_other_variants(wheels, find_links)) + "\n")
        ran = run([find_uv_bin(), *arguments, "--constraints", limits, "--output-file", answer, asked])
        if ran.returncode:
            raise _unsolved(wheels, ran.stderr)
        packages = tomllib.loads(answer.read_text()).get("packages", [])
    tags = _tags(wheels)
    return tuple(sorted(_choose(package, tags, wheels) for package in packages))


def _other_variants(wheels: WheelSet, folders: tuple[str, ...]) -> list[str]:
    """What keeps folders from answering with another variant: `torch==2.13.0` takes a `2.13.0+cpu`, too."""
    unwanted = []
    for file in (file for folder in folders for file in Path(folder).glob("*.whl")):
        try:
            name, version, *_ = parse_wheel_filename(file.name)
        except InvalidWheelFilename:
            continue
        if version.local and f"{name}=={version.public}" in wheels.requirements:
            unwanted.append(f"{name}!={version}")
    return unwanted


def _tags(wheels: WheelSet) -> list[Tag]:
    major, minor = (int(part) for part in wheels.python.split(".")[:2])
    machine = wheels.platform.machine
    names = [f"manylinux_2_{i}_{machine}" for i in range(_GLIBC[1], 4, -1)]
    names += [f"manylinux{old}_{machine}" for old in ("2014", "2010", "1")]
    names += [f"linux_{machine}"]
    return [
        *cpython_tags((major, minor), platforms=names),
        *compatible_tags((major, minor), f"cp{major}{minor}", platforms=names),
    ]


def _choose(package: dict[str, Any], tags: list[Tag], wheels: WheelSet) -> LockedWheel:
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    fitting = []
    for wheel in package.get("wheels", []):
        name = wheel.get("name") or Path(wheel.get("url") or wheel.get("path")).name
        try:
            *_, wheel_tags = parse_wheel_filename(name.replace("%2B", "+"))
        except InvalidWheelFilename:
            continue
        rank = min((ranks[tag] for tag in wheel_tags if tag in ranks), default=None)
        if rank is not None:
            fitting.append((rank, wheel))
    if not fitting:
        raise _unsolved(wheels, f"no wheel of {package['name']} {package.get('version')} fits")
    _, best = min(fitting, key=lambda pair: pair[0])
    digest = Digest.parse(f"sha256:{best['hashes']['sha256']}")
    return LockedWheel(package["name"], package["version"], digest)


def _unsolved(wheels: WheelSet, why: str) -> BuilderError:
    lines = " ".join(why.split()) or "uv says nothing"
    return BuilderError(
        ExitCode.INCOMPATIBLE,
        f"no wheels for {wheels.id}: {lines}",
        fix="Choose versions that exist for this Python and platform; `python -m builder check` knows which.",
    )

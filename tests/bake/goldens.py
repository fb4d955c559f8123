"""Renderings that people have read: one for each combination of parts that the templates can make.

`scripts/goldens --write` makes them anew. What a rendering has besides its shape are names, versions, digests
and labels, so that a family of any size needs no more goldens than there are shapes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from builder.bake.definition import Build
from builder.facts import systems
from builder.matrix.expansion.expand import expand
from builder.matrix.expansion.lenders import with_lenders
from builder.matrix.expansion.managed import managed
from builder.matrix.expansion.wheels import WheelSet, wheel_set
from builder.matrix.lock import Lock, LockedBase, LockedPackage, LockedWheel
from builder.matrix.text.load import Loaded, load
from builder.model.cell import Cell
from builder.model.digest import Digest
from builder.pipeline.inputs.builds import builds
from builder.pipeline.lock import needs
from tests.bake.samples import archives
from tests.matrix.samples import EPOCH, HEAD

FOLDER = Path(__file__).with_name("golden")
_TORCH = {"torch": "2.14.1"}
_ENTRIES: tuple[dict[str, Any], ...] = (
    {"cuda": "13.0.3", "os": "ubuntu24.04", "flavor": ["base", "devel"], "torch": ["2.14.1", "none"]},
    {"cuda": "13.0.3", "os": "rockylinux9", "flavor": ["base", "devel"], "python": "3.12", **_TORCH},
    {"cuda": "13.0.3", "os": "rockylinux9", "flavor": "runtime"},
    {"cuda": "13.0.3", "os": "debian12", "flavor": ["runtime", "devel"], "source": "wheels"},
    {"cuda": "13.0.3", "os": "debian12", "flavor": "cudnn-runtime", "source": "wheels", **_TORCH},
    {"cuda": "13.0.3", "os": "ubi9", "flavor": ["runtime", "devel"], "source": "wheels"},
    {"cuda": "cpu", "os": "debian12", "torch": ["2.14.1", "none"]},
    {"cuda": "cpu", "os": "ubi9"},
    {"cuda": "13.0.1", "os": "ubuntu24.04", "source": "ngc-pytorch"},
    {"cuda": "13.0.3", "os": "ubuntu24.04", "flavor": ["base", "devel"], "env": "conda", **_TORCH},
    {"cuda": "13.0.3", "os": "rockylinux9", "flavor": ["base", "devel"], "env": "conda", "python": "3.12"},
    {"cuda": "cpu", "os": "debian12", "env": "conda"},
    {"cuda": "cpu", "os": "debian12", "env": "uv", "python": "3.13"},
    {
        "cuda": "13.0.3",
        "os": "debian12",
        "flavor": "devel",
        "source": "wheels",
        "env": "uv",
        "python": "3.13",
    },
    {"cuda": "13.0.3", "os": "rockylinux9", "flavor": "devel", "env": "uv", "python": "3.13", **_TORCH},
    {"cuda": "13.0.3", "os": "ubuntu24.04", "flavor": ["base", "devel"], "python": "none"},
    {
        "cuda": "13.0.3",
        "os": "debian12",
        "flavor": ["runtime", "devel"],
        "source": "wheels",
        "python": "none",
    },
)
_NGC = {"25.09": {"cuda": "13.0.1", "torch": "2.9.0a0", "python": "3.12"}}
_MASKS: tuple[tuple[str, str], ...] = (
    (r"sha256:[0-9a-f]{64}", "H"),
    (r"(?s)\nLABEL .*?\n(?=USER)", "\nLABEL\n"),
    ("|".join(re.escape(system.name) for system in systems.systems()), "OS"),
    (r"amd64|arm64|x86_64|aarch64|linux-64", "MACHINE"),
    (r"(?s)\nchannels:.*?(?=\nENVIRONMENT)", "\nSPECS"),
    (r"python3(\.\d+)?", "PYTHON"),
    (r"\d+(\.\d+)+(\+\w+)?", "V"),
    (r"(?m)^[a-z0-9-]+===V --hash=H$", "WHEEL"),
    (r"(?m)^[a-z0-9-]+(===V|<0)$", "CONSTRAINT"),
    (r"(?m)^conda-forge/.*#H$", "PACKAGE"),
    (r"(?m)^[0-9]+/cpython-.*#H$", "ARCHIVE"),
    (r"\b(\w+)(\n\1\b)+", r"\1"),
)


def family() -> Loaded:
    """A cell for every shape, and a few more."""
    data = {
        **HEAD,
        "sources": {"ngc-pytorch": {"releases": _NGC}},
        "axes": {"platform": "linux/amd64"},
        "include": list(_ENTRIES),
    }
    read = load(yaml.safe_dump(data, sort_keys=False).encode(), "matrix.yaml")
    assert isinstance(read, Loaded), read
    return read


def rendered(read: Loaded) -> tuple[Build, ...]:
    """The builds of a matrix, with a lock of made-up digests and as many wheels as change a rendering."""
    expansion = expand(read)
    needed = needs(read.matrix, expansion.cells)
    digest = Digest.of(b"made up")
    platforms = {cell.platform: digest for cell in expansion.cells}
    bases = {
        name: LockedBase(digest, platforms, EPOCH, str(base.name.repository))
        for name, base in needed.bases.items()
    }
    sets = ((cell, wanted) for cell in with_lenders(expansion.cells) if (wanted := wheel_set(cell)))
    wheels = {wanted.id: tuple(sorted(_wheels(cell, wanted))) for cell, wanted in sets}
    conda = {name: tuple(_packages(cell)) for name, cell in needed.conda.items()}
    pythons = {own.id: archives(own) for cell in expansion.cells if (own := managed(cell))}
    return builds(read.matrix, Lock(EPOCH, bases, wheels, conda, pythons), expansion.targets)


def shape(dockerfile: str) -> str:
    """A rendering without what differs between cells of one shape."""
    for pattern, mask in _MASKS:
        dockerfile = re.sub(pattern, mask, dockerfile)
    return dockerfile


def goldens() -> dict[str, str]:
    """What the golden files should hold, by name: the first rendering of each shape."""
    found: dict[str, tuple[str, str]] = {}
    for build in rendered(family()):
        text = build.recipe.dockerfile
        found.setdefault(shape(text), (f"{build.name}.Dockerfile", text))
    return dict(found.values())


def _packages(cell: Cell) -> Iterator[LockedPackage]:
    for name in ("pip", "python", *(["pytorch"] if cell.torch else [])):
        path = f"conda-forge/linux-64/{name}-1.0-0.conda"
        yield LockedPackage(name, "1.0", path, Digest.of(name.encode()))


def _wheels(cell: Cell, wanted: WheelSet) -> Iterator[LockedWheel]:
    names = {re.split(r"[\[=]", text)[0] for text in wanted.requirements}
    if cell.torch and cell.cuda:
        names |= {"nvidia-cudnn-cu13", "nvidia-cublas", "triton"}
    for name in names:
        yield LockedWheel(name, "1.0", Digest.of(name.encode()))

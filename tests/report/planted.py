"""A family that never was: 104 targets on two platforms with a history of releases, the same on every run."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

from builder.model.cell import NONE, Cell, Flavor, Level, Source
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.receipt import Check, Receipt, Status
from builder.model.reference import Repository
from builder.report.family.values import Change, Family, Image, Layer, Member, Point, Release, State
from builder.smoke.expectation import expectation
from builder.smoke.probes.checks import demanded
from builder.smoke.probes.promise import Promise
from tests.servers.images import AMD64, ARM64

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
REPOSITORY = Repository.parse("ghcr.io/acme/cuda")
_CUDA = ("12.6.3", "12.8.1", "12.9.2", "13.0.3", "13.2.1")
_TORCH = {"12.8.1": "2.11.0", "12.9.2": "2.11.0"}
_NEWEST = "2.14.1"
_PYTHON = {
    "rockylinux9": "3.12",
    "ubi9": "3.12",
    "ubuntu22.04": "3.10",
    "ubuntu24.04": "3.12",
    "debian12": "3.11",
    "debian13": "3.13",
}
_FLAVORS = (Flavor.BASE, Flavor.RUNTIME, Flavor.CUDNN_RUNTIME, Flavor.DEVEL)
_BYTES = {
    Flavor.BASE: 0.07e9,
    Flavor.RUNTIME: 1.1e9,
    Flavor.CUDNN_RUNTIME: 1.6e9,
    Flavor.DEVEL: 2.7e9,
}
# NVIDIA makes each flavor from another, so that their images share layers.
_CHAINS = {
    Flavor.BASE: (Flavor.BASE,),
    Flavor.RUNTIME: (Flavor.BASE, Flavor.RUNTIME),
    Flavor.CUDNN_RUNTIME: (Flavor.BASE, Flavor.RUNTIME, Flavor.CUDNN_RUNTIME),
    Flavor.DEVEL: (Flavor.BASE, Flavor.RUNTIME, Flavor.DEVEL),
}
_SYSTEM_BYTES = {"debian12": 29e6, "debian13": 30e6, "rockylinux9": 65e6, "ubi9": 78e6}
_COMPONENTS = {
    Flavor.BASE: ("cudart",),
    Flavor.RUNTIME: ("cudart", "cublas", "cufft", "curand", "cusolver", "cusparse", "nvrtc"),
    Flavor.CUDNN_RUNTIME: ("cudart", "cublas", "cufft", "curand", "cusolver", "cusparse", "nvrtc", "cudnn"),
    Flavor.DEVEL: ("cudart", "nvcc", "cublas", "cufft", "curand", "cusolver", "cusparse", "nvrtc"),
}
_GPUS = {
    AMD64: (("NVIDIA H200", "9.0", "580.95.05"), ("NVIDIA L4", "8.9", "580.95.05")),
    ARM64: (("NVIDIA GH200 480GB", "9.0", "580.95.05"),),
}
_SLOW = {"torch.cpu": 2100, "torch.version": 1700, "work.matmul": 640, "compiler.compiles": 1450}


def family(targets: int = 104, releases: int = 10) -> Family:
    """A family of so many targets after so many releases; some of the newest are not published."""
    past = _past(releases)
    everyone = [_unpublished(member, i) for i, member in enumerate(members(targets, releases))]
    now = Family(REPOSITORY, NOW, tuple(everyone))
    points = [[member.history[i] for member in everyone if member.history] for i in range(releases)]
    told = tuple(
        Release(
            name,
            day,
            targets,
            len(now.images) - 6 * i,
            int(now.stored * (1 - 0.02 * i)),
            _changes(everyone, i),
            built=sum(seconds for point in made for seconds in point.built.values()),
            tested=sum(seconds for point in made for seconds in point.tested.values()),
        )
        for i, (name, day), made in zip(range(releases)[::-1], past, points, strict=True)
    )
    return replace(now, releases=told)


def members(targets: int = 104, releases: int = 10) -> list[Member]:
    """So many targets in the order of their names, all of them published."""
    chance = random.Random(7)
    made = [_member(platforms, _past(releases), chance) for platforms in list(_cells())[:targets]]
    return sorted(made, key=lambda member: member.name)


def _past(releases: int) -> list[tuple[str, date]]:
    days = [date(2026, 9, 14) + timedelta(days=7 * i) for i in range(releases)]
    return [(f"release-{day:%Y%m%d}-{i + 1}", day) for i, day in enumerate(days)]


def _cells() -> Iterator[tuple[Cell, ...]]:
    for cuda, flavor, os in product(_CUDA, _FLAVORS, _PYTHON):
        source = Source.WHEELS if os.startswith("debian") else Source.UPSTREAM
        if source is Source.WHEELS and cuda < "13":
            continue
        torch = _TORCH.get(cuda, _NEWEST) if flavor is Flavor.CUDNN_RUNTIME else ""
        parts = _COMPONENTS[flavor] if source is Source.WHEELS else ()
        yield tuple(Cell(source, cuda, flavor, os, p, torch, _PYTHON[os], parts) for p in (AMD64, ARM64))
    for os, torch in product(("ubuntu22.04", "ubuntu24.04", "debian12", "debian13"), (_NEWEST, "2.13.0")):
        yield tuple(Cell(Source.CPU, "", Flavor.BASE, os, p, torch, _PYTHON[os]) for p in (AMD64, ARM64))


def _member(cells: tuple[Cell, ...], releases: list[tuple[str, date]], chance: random.Random) -> Member:
    values = {axis: value for axis, value in cells[0].values().items() if axis != "platform"}
    torch = f"-torch{cells[0].torch}" if cells[0].torch else ""
    rolling = f"{values['cuda']}-{values['flavor']}-{values['os']}{torch}"
    name = f"{values['cuda']}-{values['flavor']}-{values['os']}-py{values['python']}{torch}"
    images = tuple(_image(cell, chance) for cell in cells)
    return Member(
        name=name,
        state=State.PUBLISHED,
        values=values,
        cells=cells,
        tags=(f"{rolling}-{releases[-1][1]:%Y%m%d}",) if releases else (),
        rolling=(rolling,),
        epoch=releases[-1][1] if releases else None,
        index=Digest.of(name.encode()),
        images=images,
        history=tuple(_points(images, releases, chance)),
    )


def _points(
    images: tuple[Image, ...], releases: list[tuple[str, date]], chance: random.Random
) -> Iterator[Point]:
    for i, (name, day) in enumerate(releases):
        sizes = {image.platform: int(image.size * (0.93 + 0.007 * i)) for image in images}
        built = {platform: _built(platform, size, i) for platform, size in sizes.items()}
        tested = {image.platform: round(chance.uniform(3, 6), 1) for image in images}
        yield Point(name, day, sizes, built, tested)


def _built(platform: Platform, size: int, release: int) -> float:
    """More for larger images and under emulation; every fifth build had to begin without a cache."""
    return round(40 + size / 1.2e7 * (1.6 if platform == ARM64 else 1) * (1.5 if release % 5 == 2 else 1), 1)


def _image(cell: Cell, chance: random.Random) -> Image:
    told = f"{cell}".encode()
    base = f"{cell.os} {cell.platform} {cell.cuda if cell.source is Source.UPSTREAM else ''}"
    system = _SYSTEM_BYTES.get(cell.os, 30e6)
    grown = _BYTES[cell.flavor] * (1 + 0.06 * _CUDA.index(cell.cuda)) if cell.cuda else 0.0
    cuda = grown * (0.94 if cell.platform == ARM64 else 1)
    layers = [_layer(base, int(system), "base image")]
    below = 0.0
    for flavor in _CHAINS[cell.flavor] if cell.source is Source.UPSTREAM else ():
        layers.append(
            _layer(f"{base} {flavor}", int(cuda * _BYTES[flavor] / _BYTES[cell.flavor] - below), "base image")
        )
        below = cuda * _BYTES[flavor] / _BYTES[cell.flavor]
    layers.append(_layer(f"{cell.os} {cell.platform} {cell.python}", int(0.6 * system), "system packages"))
    if cell.source is Source.WHEELS:
        layers.append(_layer(f"{cell.cuda} {cell.flavor} {cell.platform}", int(cuda * 0.9), "CUDA"))
    if cell.torch:
        wheels = f"{cell.torch} {cell.cuda[:4]} {cell.python} {cell.platform}"
        layers.append(_layer(wheels, int(0.9e9 if cell.cuda else 0.2e9), "Python packages"))
    layers.append(_layer(told.decode(), int(2e4), "settings"))
    size = sum(layer.size for layer in layers)
    return Image(
        cell.platform,
        Digest.of(told),
        tuple(layers),
        _packages(cell),
        _receipts(cell, chance),
        _built(cell.platform, size, 0),
    )


def _packages(cell: Cell) -> dict[str, str]:
    if not cell.torch:
        return {}
    built = f"cu{''.join(cell.cuda.split('.')[:2])}" if cell.cuda else "cpu"
    triton = {"triton": "3.8.0"} if cell.cuda else {}
    return {
        "torch": f"{cell.torch}+{built}",
        "numpy": "2.4.6",
        "sympy": "1.14.0",
        "jinja2": "3.1.6",
        **triton,
    }


def _receipts(cell: Cell, chance: random.Random) -> tuple[Receipt, ...]:
    subject = Digest.of(f"{cell}".encode())
    gpus = _GPUS[cell.platform] if cell.cuda else ()
    hosts = [{"gpu": gpu, "capability": cc, "driver": driver} for gpu, cc, driver in gpus] or [{}]
    return tuple(
        Receipt(
            subject=subject,
            level=Level.GPU if host else Level.CPU,
            passed=True,
            probe=Digest.of(b"probe"),
            policy=Digest.of(b"policy"),
            checks=tuple(_checks(cell, Level.GPU if host else Level.CPU, chance)),
            when=NOW - timedelta(days=1, minutes=7 * i),
            host={
                **host,
                "kernel": "6.8.0-87-generic",
                "engine": "28.5.2",
                "unpacked": "5000000000",
                **({"access": "cdi"} if host else {}),
            },
        )
        for i, host in enumerate(hosts)
    )


def _checks(cell: Cell, level: Level, chance: random.Random) -> Iterator[Check]:
    """The checks that the cell's images really have to pass."""
    for made in demanded(Promise.parse(json.loads(expectation(cell, level=level)))):
        usual = _SLOW.get(made.id, 12)
        yield Check(made.id, made.proves, Status.PASSED, int(usual * chance.uniform(0.5, 1.6)))


def _layer(text: str, size: int, part: str) -> Layer:
    return Layer(Digest.of(f"{part} {text}".encode()), size, part)


def _unpublished(member: Member, i: int) -> Member:
    """A few that are not published, for every reason there is."""
    reasons: dict[int, tuple[State, tuple[str, ...]]] = {
        11: (State.WITHHELD, ("linux/arm64: its receipt's level is cpu, and gpu is required",)),
        12: (State.WITHHELD, ("linux/arm64: its receipt's level is cpu, and gpu is required",)),
        37: (State.FAILED, ("linux/amd64: its gpu test of 2026-11-20 21:07 UTC failed: driver.kernel",)),
        58: (State.MISSING, ("linux/arm64: it is not staged: run `python -m builder bake`",)),
        80: (State.READY, ("it is tested, and the next release will publish it",)),
    }
    if i in (5, 6):
        pending = ("linux/amd64: it is not staged: run `python -m builder bake`",)
        return replace(member, reasons=pending)
    if i not in reasons:
        return member
    state, why = reasons[i]
    return Member(member.name, state, member.values, member.cells, reasons=why)


def _changes(members: list[Member], release: int) -> tuple[Change, ...]:
    return tuple(
        Change(member.name, "new" if i % 9 == 8 else "changed", () if i % 9 == 8 else _why(member, release))
        for i, member in enumerate(members[release::5])
    )


def _why(member: Member, release: int) -> tuple[str, ...]:
    before, after = (Digest.of(f"{member.values['os']} {release - i}".encode()) for i in (1, 0))
    base = f"base sha256:{before.short}… → sha256:{after.short}…"
    if member.values["torch"] == NONE:
        return (base,)
    return (base, "numpy 2.4.5 → 2.4.6", "sympy 1.13.3 → 1.14.0")

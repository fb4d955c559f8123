"""A family that never was: 104 targets on two platforms with a history of releases, the same on every run."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

from builder.model.cell import Cell, Flavor, Level, Source
from builder.model.digest import Digest
from builder.model.receipt import Check, Receipt, Status
from builder.model.reference import Repository
from builder.report.family.values import Change, Family, Image, Layer, Member, Point, Release, State
from tests.servers.images import AMD64, ARM64

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
REPOSITORY = Repository.parse("ghcr.io/acme/cuda")
_CUDA = ("12.4.1", "12.6.3", "12.8.1", "12.9.1", "13.0.2")
_SYSTEMS = ("ubuntu22.04", "ubuntu24.04", "rockylinux9", "debian12", "ubi9")
_FLAVORS = (Flavor.BASE, Flavor.RUNTIME, Flavor.CUDNN_RUNTIME, Flavor.DEVEL)
_BYTES = {
    Flavor.BASE: 0.1e9,
    Flavor.RUNTIME: 1.1e9,
    Flavor.CUDNN_RUNTIME: 1.6e9,
    Flavor.DEVEL: 2.7e9,
}
_GPUS = {
    AMD64: (("NVIDIA H200", "9.0", "580.95.05"), ("NVIDIA L4", "8.9", "570.172.08")),
    ARM64: (("NVIDIA GH200 480GB", "9.0", "580.95.05"),),
}
_CHECKS = (
    ("platform.machine", "the image is for the architecture that it says"),
    ("platform.python", "its Python is the version that it says"),
    ("files.no-driver", "no file of NVIDIA's driver is in the image"),
    ("origin.one", "every CUDA library is loaded from one place"),
    ("toolkit.version", "the toolkit is the version that it says"),
    ("driver.init", "the driver starts and sees the GPU"),
    ("work.available", "torch sees the GPUs and has code for them"),
    ("work.matmul", "matrix products in fp32, tf32, bf16 and fp16 agree with fp64"),
    ("work.conv", "a convolution through cuDNN agrees with the CPU"),
    ("work.nccl", "an all-reduce through NCCL gives the sum"),
    ("compiler.kernel", "nvcc compiles a kernel that runs on the GPU"),
)


def family(targets: int = 104, releases: int = 10) -> Family:
    """A family of so many targets after so many releases; some of the newest are not published."""
    chance = random.Random(7)
    days = [date(2026, 9, 14) + timedelta(days=7 * i) for i in range(releases)]
    names = [f"release-{day:%Y%m%d}-{i + 1}" for i, day in enumerate(days)]
    cells = list(_cells())[:targets]
    members = [_member(platforms, list(zip(names, days, strict=True)), chance) for platforms in cells]
    members = [_unpublished(member, i) for i, member in enumerate(sorted(members, key=lambda m: m.name))]
    told = tuple(
        Release(name, day, targets, 2 * targets - 30 + 3 * i, int(40e9 + 2.4e9 * i), _changes(members, i))
        for i, (name, day) in enumerate(zip(names, days, strict=True))
    )
    return Family(REPOSITORY, NOW, tuple(members), told)


def _cells() -> Iterator[tuple[Cell, ...]]:
    for cuda, flavor, os in product(_CUDA, _FLAVORS, _SYSTEMS):
        source = Source.WHEELS if os == "debian12" else Source.UPSTREAM
        torch = "2.9.1" if flavor is Flavor.CUDNN_RUNTIME else ""
        python = "3.12" if torch else "3.11"
        yield tuple(Cell(source, cuda, flavor, os, p, torch, python) for p in (AMD64, ARM64))
    for os in (*_SYSTEMS[:2], "debian12", "debian13"):
        yield tuple(Cell(Source.CPU, "", Flavor.BASE, os, p, "2.9.1", "3.12") for p in (AMD64, ARM64))


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
        seconds = {image.platform: round(chance.uniform(3, 6), 1) for image in images}
        yield Point(name, day, sizes, seconds)


def _image(cell: Cell, chance: random.Random) -> Image:
    told = f"{cell}".encode()
    base = f"{cell.os} {cell.platform} {cell.cuda if cell.source is Source.UPSTREAM else ''}"
    cuda = _BYTES[cell.flavor] if cell.cuda else 0
    layers = [_layer(base, int(30e6 + (cuda if cell.source is Source.UPSTREAM else 0)), "base image")]
    layers.append(_layer(f"{cell.os} {cell.platform} {cell.python}", int(24e6), "system packages"))
    if cell.source is Source.WHEELS:
        layers.append(_layer(f"{cell.cuda} {cell.flavor} {cell.platform}", int(cuda * 0.9), "CUDA"))
    if cell.torch:
        layers.append(_layer(f"{cell.torch} {cell.cuda[:2]} {cell.platform}", int(0.9e9), "Python packages"))
    layers.append(_layer(told.decode(), int(2e4), "settings"))
    torch = {"torch": f"{cell.torch}+cu130", "numpy": "2.4.6", "triton": "3.5.1", "sympy": "1.14.0"}
    return Image(
        cell.platform, Digest.of(told), tuple(layers), torch if cell.torch else {}, _receipts(cell, chance)
    )


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
            checks=tuple(
                Check(id_, proves, Status.PASSED, chance.randint(1, 900)) for id_, proves in _CHECKS
            ),
            when=NOW - timedelta(days=1, minutes=7 * i),
            host={**host, "kernel": "6.8.0", "engine": "28.5.2", "access": "toolkit"},
        )
        for i, host in enumerate(hosts)
    )


def _layer(text: str, size: int, part: str) -> Layer:
    return Layer(Digest.of(f"{part} {text}".encode()), size, part)


def _unpublished(member: Member, i: int) -> Member:
    """A few that are not published, for every reason there is."""
    reasons: dict[int, tuple[State, tuple[str, ...]]] = {
        11: (State.WITHHELD, ("linux/arm64: its receipt's level is cpu, and gpu is required",)),
        12: (State.WITHHELD, ("linux/arm64: its receipt's level is cpu, and gpu is required",)),
        37: (State.FAILED, ("linux/amd64: its gpu test of 2026-11-20 21:07 UTC failed: work.matmul",)),
        58: (State.MISSING, ("linux/arm64: it is not staged: run `python -m builder bake`",)),
        80: (State.READY, ("it is tested, and the next release will publish it",)),
    }
    if i in (5, 6):
        pending = ("linux/amd64: it is not staged: run `python -m builder bake`",)
        return _with(member, State.PUBLISHED, pending)
    if i not in reasons:
        return member
    state, why = reasons[i]
    return Member(member.name, state, member.values, member.cells, reasons=why)


def _with(member: Member, state: State, reasons: tuple[str, ...]) -> Member:
    fields = {name: getattr(member, name) for name in Member.__slots__}
    return Member(**{**fields, "state": state, "reasons": reasons})


def _changes(members: list[Member], release: int) -> tuple[Change, ...]:
    touched = members[release::5]
    why = (f"torch 2.9.{release % 2} → 2.9.{release % 2 + 1}", "epoch 2026-11-09 → 2026-11-16")
    return tuple(
        Change(member.name, "new" if i % 9 == 8 else "changed", () if i % 9 == 8 else why)
        for i, member in enumerate(touched)
    )

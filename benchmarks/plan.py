"""How long it takes to plan a family, side by side with what only expands it.

    python -m benchmarks.plan [--runs 5] [--small]

Two families: one of 104 cells, all of them real, and one of 7,335, most of whose CUDA versions are made up,
so that two rules are silenced there. The lock beside each is made up. Every figure is that of a process of
its own, interpreter and imports included, after a run that fills Python's cache of bytecode: its best time,
processor seconds, and peak memory over so many runs.

`check` reads, expands and applies every rule; `bake --print` also renders every Dockerfile, computes every
key and writes the bake file. `docker buildx bake --print` reads that file and prints it again. yq and jq make
the product of the axes and nothing else.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

from builder.matrix import lock as locks
from builder.matrix.expansion.bases import base_of
from builder.matrix.expansion.expand import expand
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.lock import Lock, LockedBase, LockedWheel
from builder.matrix.text.load import Loaded, load
from builder.model.digest import Digest

EPOCH = date(2026, 11, 20)
WHEELS = 30
HEAD: dict[str, Any] = {
    "release": "ghcr.io/acme/cuda",
    "staging": "ghcr.io/acme/cuda-staging",
    "tags": {
        "release": "{cuda}-{flavor}-{os}[-torch{torch}]-{epoch:%Y%m%d}",
        "rolling": "{cuda}-{flavor}-{os}[-torch{torch}]",
    },
}
FLAVORS = ["base", "runtime", "cudnn-runtime", "devel"]
REAL = (
    *("12.6.0", "12.6.1", "12.6.2", "12.6.3", "12.8.0", "12.8.1", "12.9.0", "12.9.1", "12.9.2"),
    *("13.0.0", "13.0.2", "13.0.3", "13.2.1"),
)
SMALL: dict[str, Any] = {"cuda": list(REAL), "flavor": FLAVORS, "os": ["ubuntu24.04"], "torch": "2.14.1"}
LARGE: dict[str, Any] = {
    "cuda": [f"{minor}.{patch}" for minor in ("12.6", "13.0") for patch in range(100)][:163],
    "flavor": [*FLAVORS, "cudnn-devel"],
    "os": ["ubuntu22.04", "ubuntu24.04", "debian13"],
    "platform": "linux/amd64",
    "torch": ["none", "2.11.0", "2.14.1"],
}
SILENCED = ("cuda-never-released", "base-tag-unknown")
# The product of the axes, as RAPIDS and others make it.
PRODUCT = """
.axes as $a | [ $a.cuda[] as $cuda | $a.flavor[] as $flavor | $a.os[] as $os
| ("linux/amd64", "linux/arm64") as $platform | {cuda: $cuda, flavor: $flavor, os: $os, platform: $platform} ]
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: seconds on the clock and of the processor, and mebibytes at its peak."""

    wall: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Family:
    """A matrix in a folder of its own, the bake file that it comes to, and its number of cells."""

    file: Path
    cells: int

    @property
    def bake_file(self) -> Path:
        """Where `bake --print` is kept."""
        return self.file.with_name("bake.json")


def main(argv: Sequence[str]) -> int:
    """Measure and print a table for each family."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each, of which the best counts")
    parser.add_argument("--small", action="store_true", help="only the 104 cells")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        for name, axes in (("small", SMALL), ("large", LARGE)):
            if name == "small" or not options.small:
                _print(make(Path(scratch, name), axes), options.runs)
    return 0


def make(folder: Path, axes: dict[str, Any]) -> Family:
    """Write a family's matrix and lock."""
    folder.mkdir()
    data = {**HEAD, "axes": axes}
    if axes is LARGE:
        data["rules"] = [{"id": rule, "severity": "silent", "reason": "made up"} for rule in SILENCED]
    file = folder / "matrix.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    loaded = load(file.read_bytes(), "matrix.yaml")
    assert isinstance(loaded, Loaded), loaded
    lock, cells = made_up_lock(loaded)
    file.with_suffix(".lock").write_text(locks.dump(lock))
    return Family(file, cells)


def made_up_lock(loaded: Loaded) -> tuple[Lock, int]:
    """A lock that has what the cells need, and their number."""
    cells = expand(loaded).cells
    bases: dict[str, LockedBase] = {}
    wheels: dict[str, tuple[LockedWheel, ...]] = {}
    for cell in cells:
        name = str(base_of(loaded.matrix, cell).name)
        known = bases.get(name, LockedBase(Digest.of(name.encode()), {}, EPOCH, name.rpartition(":")[0]))
        digest = Digest.of(f"{name} {cell.platform}".encode())
        bases[name] = LockedBase(known.index, {**known.platforms, cell.platform: digest}, EPOCH, known.place)
        if (wanted := wheel_set(cell)) and wanted.id not in wheels:
            named = (f"wheel-{i}" for i in range(WHEELS))
            wheels[wanted.id] = tuple(
                LockedWheel(n, "1.0", Digest.of(f"{wanted.id} {n}".encode())) for n in named
            )
    return Lock(EPOCH, bases, wheels), len(cells)


def commands(family: Family) -> Iterator[tuple[str, list[str]]]:
    """What is measured, by what it is called; `bake --print` comes before what reads its output."""
    builder = [sys.executable, "-m", "builder"]
    yield "builder check", [*builder, "check", "--offline", "-f", str(family.file)]
    yield "builder bake --print", [*builder, "bake", "--print", "-f", str(family.file)]
    if shutil.which("docker"):
        yield (
            "docker buildx bake --print",
            ["docker", "buildx", "bake", "-f", str(family.bake_file), "--print"],
        )
    if shutil.which("yq") and shutil.which("jq") and family.cells < len(REAL) * 100:
        pipe = f"yq . {family.file} | jq '{PRODUCT}'"
        yield "yq | jq, the product alone", ["bash", "-c", pipe]


def measure(command: Sequence[str], output: Path) -> Cost:
    """Run a command once; its output goes to a file."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(output.parents[1] / "bytecode")
    with output.open("wb") as out:
        start = perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=environment)
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {said.decode()[-500:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _print(family: Family, runs: int) -> None:
    print(f"\n{family.cells:,} cells")
    print(f"{'':30}{'seconds':>9}{'processor':>11}{'ratio':>8}{'MiB':>7}")
    baseline = None
    for name, command in commands(family):
        output = family.bake_file if name == "builder bake --print" else family.file.with_name("output")
        measure(command, output)
        costs = [measure(command, output) for _ in range(runs)]
        best = min(costs, key=lambda cost: cost.processor)
        baseline = best.processor if name == "builder bake --print" else baseline
        ratio = f"{best.processor / baseline:.2f}" if baseline else ""
        wall, memory = min(cost.wall for cost in costs), max(cost.memory for cost in costs)
        print(f"{name:30}{wall:>9.2f}{best.processor:>11.2f}{ratio:>8}{memory:>7.0f}")
    assert len(json.loads(family.bake_file.read_text())["target"]) == family.cells


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

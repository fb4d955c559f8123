"""What the main job costs, side by side with Docker's own ways to build the same images.

    python -m benchmarks.bake [--staged 104] [--cells 24] [--listed 104 1000]

Needs root, docker and docker-registry. Engine and registry are its own, with empty caches at the start. The
images are tiny: a plain base and one step, so that what is measured is what goes on around the steps.

- nothing changed: so many targets for two platforms, all staged and tested. `builder bake` against
  `docker buildx bake` of its print-out with a warm cache, which pushes what the registry has already.
- one of so many cells changed, and all of them from an empty cache: also against one `docker buildx build`
  for each cell, one after the other.
- by their tags: `builder bake` alone, where the registry has no more than the tags, which is all it asks for.

Figures are of single runs; Python has the bytecode of `builder` from a run before. Processor seconds are
those of the command, of engine and containerd, without the steps; requests are what reached the registry,
MB stored is what its storage grew by, and disk is what the engine's data came to.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from builder.bake import staging
from builder.model.cell import Level
from builder.model.descriptor import MANIFEST
from builder.pipeline.inputs.prepare import prepare
from builder.registry import Registry, map_concurrently
from tests.pipeline.tiny import tiny
from tests.servers.images import push_image
from tests.servers.nodes import Node, node
from tests.servers.registry import RegistryServer, registry_server

AMD64 = ("linux/amd64",)
BOTH = ("linux/amd64", "linux/arm64")
BAKE = ["docker", "buildx", "bake", "--allow=network.host", "-f", "-"]
# Engines on a busy machine lose jobs when hundreds of targets begin at once, and Buildx gives up all then.
_TOGETHER, _AT_ONCE = 8, 26
_TICKS = os.sysconf("SC_CLK_TCK")
_REQUEST = re.compile(r'"[A-Z]+ /v2/[^"]* HTTP/1\.1"')


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost: seconds, also the processor's, requests, bytes in registry and on the engine."""

    wall: float
    processor: float
    requests: int
    stored: int
    disk: int


@dataclass(frozen=True, slots=True)
class Yard:
    """An engine and a registry of this benchmark's own, and a folder for its families."""

    engine: Node
    registry: RegistryServer
    folder: Path

    def measure(self, command: Sequence[str], text: str = "", tries: int = 1) -> Cost:
        """Run a command once, or until it ends well: then that run counts."""
        requests, stored, processor, begin = (
            self._requests(),
            self._stored(),
            self._processor(),
            perf_counter(),
        )
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, env=self.environment(), check=False
        )
        wall = perf_counter() - begin
        if done.returncode and tries > 1:
            return self.measure(command, text, tries - 1)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)[:200]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return Cost(
            wall,
            self._processor() - processor,
            self._requests() - requests,
            self._stored() - stored,
            _size(self.engine.state / "engine/data"),
        )

    def stage(self, command: Sequence[str], text: str) -> None:
        """Run a command that is not measured, and once more where a busy engine lost something of it."""
        for last in (False, True):
            done = subprocess.run(
                command, input=text, capture_output=True, text=True, env=self.environment(), check=last
            )
            if done.returncode == 0:
                return

    def print_out(self, file: Path) -> str:
        """The bake file of a family."""
        command = [*builder(file), "--print"]
        return subprocess.run(
            command, capture_output=True, text=True, env=self.environment(), check=True
        ).stdout

    def environment(self) -> dict[str, str]:
        """What commands get that work with this engine."""
        mine = {
            "DOCKER_HOST": f"unix://{self.engine.socket}",
            "CIB_NETWORK": "host",
            "BUILDX_BAKE_ENTITLEMENTS_FS": "0",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
        }
        return {**os.environ, **mine}

    def _processor(self) -> float:
        folder = self.engine.state / "engine"
        daemons = (folder / "dockerd.pid", folder / "exec/containerd/containerd.pid")
        ticks = 0
        for daemon in daemons:
            fields = Path(f"/proc/{daemon.read_text().strip()}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ticks / _TICKS + own.ru_utime + own.ru_stime

    def _requests(self) -> int:
        return len(_REQUEST.findall((self.registry.storage.parent / "log").read_text()))

    def _stored(self) -> int:
        return _size(self.registry.storage)


@contextmanager
def yard() -> Iterator[Yard]:
    """A yard that is gone after the block."""
    with (
        tempfile.TemporaryDirectory(prefix="cib-yard-") as name,
        node() as engine,
        registry_server(Path(name, "registry"), access_log=True) as registry,
    ):
        yield Yard(engine, registry, Path(name))


def main(argv: Sequence[str]) -> int:
    """Measure and print a table for each question."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bake", description=__doc__)
    parser.add_argument("--staged", type=int, default=104, help="targets of which nothing changed; 0 is none")
    parser.add_argument("--cells", type=int, default=24, help="cells that are built; 0 is none")
    parser.add_argument(
        "--listed", type=int, nargs="*", default=[104, 1000], help="targets of which there are tags alone"
    )
    options = parser.parse_args(argv)
    with yard() as place:
        if options.staged:
            nothing_changed(place, options.staged)
        for count in options.listed:
            listed(place, count)
    if options.cells:
        cells(options.cells)
    return 0


def nothing_changed(place: Yard, count: int) -> None:
    """Two platforms of each target, all staged and tested."""
    file = tiny(place.folder / "staged", place.registry.host, count)
    text = place.print_out(file)
    names = sorted(json.loads(text)["target"])
    printed = place.folder / "bake.json"
    printed.write_text(text)
    for begin in range(0, len(names), _TOGETHER):
        place.stage([*BAKE, *names[begin : begin + _TOGETHER]], text)
    place.measure([*builder(file), "--no-smoke"])
    passed(file)
    ours = place.measure(builder(file))
    bakes = "\n".join(
        " ".join([*BAKE[:-1], str(printed), *names[i : i + _AT_ONCE]]) for i in range(0, len(names), _AT_ONCE)
    )
    theirs = place.measure(["bash", "-e"], bakes, tries=4)
    show(
        f"nothing changed, {count:,} targets for 2 platforms",
        {"builder bake": ours, f"docker buildx bake, {_AT_ONCE} a time": theirs},
    )


def listed(place: Yard, count: int) -> None:
    """As nothing_changed, where the registry has no more than the tags."""
    for platforms in (AMD64, BOTH):
        folder = place.folder / f"listed{count}-{len(platforms)}"
        file = tiny(folder, place.registry.host, count, platforms)
        file.write_text(file.read_text().replace("acme/staging", f"acme/{folder.name}"))
        passed(file)
        title = f"nothing changed, {count:,} targets for {len(platforms)} platforms, by their tags"
        place.measure(builder(file))
        show(title, {"builder bake": place.measure(builder(file))})


def cells(count: int) -> None:
    """One cell of many changed, after all were built from an empty cache; each way on its own engine."""
    cold: dict[str, Cost] = {}
    changed: dict[str, Cost] = {}
    for name in ("builder bake", "docker buildx bake", "docker buildx build, one by one"):
        with yard() as place:
            file = tiny(place.folder / "cells", place.registry.host, count, AMD64)
            cold[name] = _build(place, name, file)
            file.write_text(file.read_text().replace("2.9.0", "2.9.1", 1))
            changed[name] = _build(place, name, file)
    show(f"{count} cells, from an empty cache", cold)
    show(f"one of {count} cells changed", changed)


def _build(place: Yard, way: str, file: Path) -> Cost:
    if way == "builder bake":
        return place.measure([*builder(file), "--no-smoke"])
    text = place.print_out(file)
    if way == "docker buildx bake":
        return place.measure(BAKE, text)
    script = "\n".join(_one_by_one(json.loads(text)["target"], place.folder))
    return place.measure(["bash", "-e"], script)


def _one_by_one(targets: Mapping[str, Mapping[str, Any]], folder: Path) -> Iterator[str]:
    """A `docker buildx build` for each target of a bake file, as a line of shell."""
    for name, target in targets.items():
        dockerfile = folder / f"{name}.Dockerfile"
        dockerfile.write_text(_plain(target["dockerfile-inline"]))
        words = [
            "docker",
            "buildx",
            "build",
            "--network=host",
            "--allow=network.host",
            f"--file={dockerfile}",
        ]
        words += [f"--build-arg={key}={value}" for key, value in target["args"].items()]
        words += [f"--build-context={key}={value}" for key, value in target["contexts"].items()]
        words += [f"--{key}={value}" for key in ("secret", "attest") for value in target[key]]
        words += [f"--annotation={_plain(value)}" for value in target["annotations"]]
        words += [f"--platform={target['platforms'][0]}", f"--output={target['output'][0]}"]
        yield " ".join(f"'{word}'" for word in [*words, target["context"]])


def _plain(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")


def builder(file: Path) -> list[str]:
    """The main job on a matrix."""
    return [sys.executable, "-m", "builder", "bake", "-f", str(file)]


def passed(file: Path) -> None:
    """Tag in staging what a family of this kind has when it was built and tested."""
    work = prepare(file, (), datetime.now(UTC).date())
    repository = work.builds[0].staging
    with Registry() as registry:
        image = push_image(registry, repository.tag("image"))
        content = registry.manifest(repository.at(image.digest)).content
        known = staging.read(registry.tags(repository))
        tags = []
        for build in work.builds:
            digest = known.digest(build.key)
            if digest is None:
                digest = image.digest
                tags += [staging.key_tag(build.key), staging.digest_tag(build.key, digest)]
            tags.append(staging.pass_tag(digest, work.terms.id, Level.CPU, work.terms.today))
        map_concurrently(lambda tag: registry.put_manifest(repository, content, MANIFEST, tag=tag), set(tags))


def _size(folder: Path) -> int:
    """Bytes on disk below a folder, whatever comes and goes meanwhile; none where there is no folder yet."""
    if not folder.exists():
        return 0
    done = subprocess.run(["du", "-s", "-B1", str(folder)], capture_output=True, text=True, check=False)
    return int(done.stdout.split()[0])


def show(title: str, costs: Mapping[str, Cost]) -> None:
    print(f"\n{title}")
    print(
        f"{'':34}{'seconds':>9}{'ratio':>8}{'processor':>11}{'requests':>10}{'MB stored':>11}{'MB disk':>9}"
    )
    first = next(iter(costs.values()))
    for name, cost in costs.items():
        print(
            f"{name:34}{cost.wall:>9.2f}{cost.wall / first.wall:>8.1f}{cost.processor:>11.2f}"
            f"{cost.requests:>10,}{cost.stored / 1e6:>11.1f}{cost.disk / 1e6:>9,.0f}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

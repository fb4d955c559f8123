"""Two engines with empty caches build the same images: are they the same, and what does emulation cost?

    python -m benchmarks.engines [--flavors base devel] [--disk-budget 30GB]

Needs root, docker, docker-registry, and the bases of scripts/seed-bases. Engines and registries are its own.
The images are CUDA 13.0 from wheels and one for the CPU, on Debian 12, for both platforms. Manifest digests
are compared, and where they differ, the files of their layers; for each step that took a second, the seconds
for either platform are printed with their ratio. One engine builds for amd64 first and the other for arm64,
and what each did first counts.

Figures are of single runs.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.bake import Yard, builder
from benchmarks.layers import opened
from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.reference import Reference, Repository
from builder.registry import Registry
from tests.pipeline.conftest import CPU, make_family
from tests.servers.nodes import node
from tests.servers.registry import registry_server

PLATFORMS = ("linux/amd64", "linux/arm64")
# `[linux/amd64 fetch 2/4] RUN ...` is step 2 of `fetch`, wherever it runs.
_STEP = re.compile(r"\[(?:linux/\w+(?:->\w+)? )?([^\]]+)\]")

Event = Mapping[str, Any]
# The seconds of steps by platform, for each step of each target.
Steps = dict[tuple[str, str], dict[str, float]]


def main(argv: Sequence[str]) -> int:
    """Build, and print both tables; exit status 1 where digests differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--flavors", nargs="+", default=["base"])
    parser.add_argument("--platforms", nargs="+", default=PLATFORMS, choices=PLATFORMS)
    parser.add_argument("--disk-budget", help="let the caches of an engine grow to no more than this")
    options = parser.parse_args(argv)
    limits = ("--disk-budget", options.disk_budget) if options.disk_budget else ()
    flavors = ", ".join(options.flavors)
    cells = [f'- {{cuda: "13.0.2", os: debian12, source: wheels, flavor: [{flavors}]}}', CPU]
    runs: list[Sequence[Event]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cib-engines-")))
        places = [stack.enter_context(registry_server(folder / name / "registry")) for name in "ab"]
        for name, place, order in zip(
            "ab", places, (options.platforms, options.platforms[::-1]), strict=True
        ):
            with node() as engine:
                own = Yard(engine, place, folder / name)
                runs.append([event for it in order for event in build(own, cells, it, limits)])
        first, second = ({event["image"]: event["digest"] for event in run} for run in runs)
        for image, digest in sorted(second.items()):
            print(f"{'same' if digest == first[image] else 'DIFFERS'}  {digest}  {image}")
            if digest != first[image]:
                differences(
                    places[0].repository("acme/staging").at(Digest.parse(first[image])),
                    places[1].repository("acme/staging").at(Digest.parse(digest)),
                )
    show(steps_of([*first_half(runs[0]), *first_half(runs[1])]))
    return int(first != second)


def differences(one: Reference, other: Reference) -> None:
    """Print in what two images differ: their settings, and the files of each layer that is not the same."""
    with Registry() as registry:
        pair = [registry.manifest(image) for image in (one, other)]
        settings = [settings_of(registry, image) for image in (one, other)]
        for name in sorted({*settings[0], *settings[1]}):
            if settings[0].get(name) != settings[1].get(name):
                print(f"    config.{name}: {settings[0].get(name)} and {settings[1].get(name)}")
        for number, (old, new) in enumerate(zip(pair[0].layers, pair[1].layers, strict=True), 1):
            if old.digest != new.digest:
                print(f"    layer {number}: {old.digest} and {new.digest}")
                before, after = (
                    contents(registry, one.repository, old),
                    contents(registry, other.repository, new),
                )
                names = [it for it in sorted({*before, *after}) if before.get(it) != after.get(it)]
                for it in names[:20]:
                    print(f"        {it}: {before.get(it)} and {after.get(it)}")
                if not names:
                    print("        the same files" + ("" if [*before] == [*after] else ", in another order"))


def settings_of(registry: Registry, image: Reference) -> Mapping[str, Any]:
    """An image's configuration."""
    found = registry.manifest(image).config
    assert found
    settings = json.loads(registry.blob(image.repository, found))
    assert isinstance(settings, dict)
    return settings


def contents(registry: Registry, place: Repository, layer: Descriptor) -> dict[str, str]:
    """What a layer has under each name: kind, mode, owner, time, size, and the digest of a file's bytes."""
    found = {}
    with opened(registry, place, layer) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            digest = hashlib.sha256(file.read()).hexdigest()[:12] if file else member.linkname
            told = (
                member.type.decode(),
                f"{member.mode:o}",
                member.uid,
                member.gid,
                member.mtime,
                member.size,
            )
            found[member.name] = " ".join(map(str, (*told, digest)))
    return found


def first_half(run: Sequence[Event]) -> Sequence[Event]:
    """What an engine did before it had anything in its cache."""
    platform = run[0]["platform"]
    return [event for event in run if event["platform"] == platform]


def build(place: Yard, cells: Sequence[str], platform: str, limits: Sequence[str]) -> Iterator[Event]:
    """The events of builds, one after the other."""
    folder = place.folder / "family"
    both = f"[{', '.join(PLATFORMS)}]"
    file = folder / "matrix.yaml"
    if not file.exists():
        make_family(folder, place.registry, *cells, platforms=both)
    quietly = ["--no-smoke", "--jobs", "1", "--progress", "json"]
    command = [*builder(file), "--platform", platform, *quietly, *limits]
    done = subprocess.run(command, env=place.environment(), stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "build":
            if event["outcome"] != "built":
                raise SystemExit(f"{event['image']}: {event}")
            yield event


def steps_of(run: Sequence[Event]) -> Steps:
    """The steps that some platform had to do."""
    found: Steps = defaultdict(dict)
    for event in run:
        for step in event["steps"]:
            if not step["cached"]:
                name = _STEP.match(step["name"])
                named = found[str(event["target"]), name[1] if name else step["name"]]
                named[str(event["platform"])] = named.get(str(event["platform"]), 0) + step["seconds"]
    return found


def show(steps: Steps) -> None:
    """A line for each step of a second and more."""
    print(f"\n{'amd64, s':>9}{'arm64, s':>9}{'ratio':>7}")
    for (target, name), seconds in steps.items():
        native, other = (seconds.get(platform) for platform in PLATFORMS)
        if max(native or 0, other or 0) >= 1:
            ratio = f"{other / native:7.1f}" if native and other else " " * 7
            told = "".join(f"{'' if it is None else f'{it:.1f}':>9}" for it in (native, other))
            print(f"{told}{ratio}  {target}: {name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

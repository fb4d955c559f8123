"""Two engines with empty caches build the same images: are they the same, and what does emulation cost?

    python -m benchmarks.engines [--flavors base devel] [--disk-budget 30GB]

Needs root, docker, docker-registry, and the bases of scripts/seed-bases. Engines and registries are its own.
The images are CUDA 13.0 from wheels and one for the CPU, on Debian 12, for both platforms. Manifest digests
are compared; for each step that took a second, the seconds for either platform are printed with their ratio.
One engine builds for amd64 first and the other for arm64, and what each did first counts.

Figures are of single runs.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.bake import Yard, builder, yard
from tests.pipeline.conftest import CPU, make_family

PLATFORMS = ("linux/amd64", "linux/arm64")
# `[linux/amd64 fetch 2/4] RUN ...` is step 2 of `fetch`, wherever it runs.
_STEP = re.compile(r"\[(?:linux/\w+(?:->\w+)? )?([^\]]+)\]")

# The seconds of steps by platform, for each step of each target.
Steps = dict[tuple[str, str], dict[str, float]]


def main(argv: Sequence[str]) -> int:
    """Build, and print both tables; exit status 1 where digests differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--flavors", nargs="+", default=["base"])
    parser.add_argument("--disk-budget", help="let the caches of an engine grow to no more than this")
    options = parser.parse_args(argv)
    limits = ("--disk-budget", options.disk_budget) if options.disk_budget else ()
    flavors = ", ".join(options.flavors)
    cells = [f'- {{cuda: "13.0.2", os: debian12, source: wheels, flavor: [{flavors}]}}', CPU]
    runs = []
    for order in (PLATFORMS, PLATFORMS[::-1]):
        with yard() as place:
            runs.append([event for platform in order for event in build(place, cells, platform, limits)])
    first, second = ({event["image"]: event["digest"] for event in run} for run in runs)
    for image, digest in sorted(second.items()):
        print(f"{'same' if digest == first[image] else 'DIFFERS'}  {digest}  {image}")
    show(steps_of([*first_half(runs[0]), *first_half(runs[1])]))
    return int(first != second)


def first_half(run: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    """What an engine did before it had anything in its cache."""
    return run[: len(run) // 2]


def build(
    place: Yard, cells: Sequence[str], platform: str, limits: Sequence[str]
) -> Iterator[Mapping[str, object]]:
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


def steps_of(run: Sequence[Mapping[str, object]]) -> Steps:
    """The steps that some platform had to do."""
    found: Steps = defaultdict(dict)
    for event in run:
        for step in event["steps"]:  # type: ignore[attr-defined]
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

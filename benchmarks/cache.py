"""What it costs and spares to keep the steps of builds in staging.

    python -m benchmarks.cache

Needs root, docker, docker-registry, and the bases of scripts/seed-bases. Engine and registry are its own. A
real image is built, PyTorch for the CPU, on a builder that knows nothing: first as it is, then with
another epoch, for which packages of the operating system are looked for anew and wheels stay as they are.
Without a cache and with one in staging.

Figures are of single runs; requests and bytes are those that reached the registry.
"""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from benchmarks.bake import Cost, Yard, builder, show, yard
from builder.pipeline.inputs.project import lock_path
from tests.pipeline.conftest import make_family

CELL = '- {cuda: cpu, os: debian12, torch: "2.13.0"}'
_EPOCH = re.compile(r"(?<=^epoch: )\S+", re.MULTILINE)


def main() -> int:
    """Measure and print a table."""
    costs: dict[str, Cost] = {}
    for mode in ("none", "registry"):
        with yard() as place:
            file = make_family(place.folder / "family", place.registry, CELL).file
            command = [*builder(file), "--no-smoke", "--cache", mode]
            costs[f"first build, cache: {mode}"] = place.measure(command)
            lock, yesterday = lock_path(file), datetime.now(UTC).date() - timedelta(days=1)
            lock.write_text(_EPOCH.sub(yesterday.isoformat(), lock.read_text()))
            forget(place)
            costs[f"another epoch, cache: {mode}"] = place.measure(command)
    show("PyTorch 2.13.0 for the CPU, each time on a builder that knows nothing", costs)
    return 0


def forget(place: Yard) -> None:
    """Have the builder of a yard forget everything."""
    command = ["docker", "--host", f"unix://{place.engine.socket}", "buildx", "prune", "--all", "--force"]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())

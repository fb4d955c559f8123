"""Where the CUDA libraries came from that the work was done with."""

from __future__ import annotations

from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.libraries import loaded
from builder.smoke.probes.promise import Facts, Promise


@check(
    "origin.loaded",
    "each CUDA library in torch's process comes from one file",
    lane="torch",
    limit=30,
    wanted=lambda promise: bool(promise.torch and promise.cuda),
)
def origin(_promise: Promise, _facts: Facts) -> str:
    """Reads /proc/self/maps after the work: two copies of one library crash, or worse, do not."""
    found = {stem: loaded(stem) for stem in inventory.SINGLE}
    if not found["cudart"]:
        raise Failed("torch did not load a CUDA runtime")
    twice = [", ".join(paths) for paths in found.values() if len(paths) > 1]
    if twice:
        raise Failed("loaded more than once: " + "; ".join(twice))
    if compat := [path for path in loaded("cuda") if "/compat/" in path]:
        raise Failed(f"{compat[0]} stands in for the host's driver")
    return "; ".join(paths[0] for paths in found.values() if paths)


CHECKS: tuple[Check, ...] = (origin,)

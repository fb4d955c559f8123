"""The examination's entry: prints a framed result for each sight."""

from __future__ import annotations

import os

from builder.smoke.examination import container, driver, wheels
from builder.smoke.probes import inventory
from builder.smoke.probes.check import Check, Run, always
from builder.smoke.probes.frames import frame
from builder.smoke.probes.promise import Promise
from builder.smoke.probes.supervise import supervise

_SECONDS = 90
# An image that is looked at has promised nothing.
_NOTHING = Promise(
    machine="",
    os="",
    source="",
    env="pip",
    flavor="",
    cuda="",
    torch="",
    python="",
    libraries=[],
    absent=[],
    compiler=False,
    driver="",
    level="",
    profile="",
    gpus=0,
    command=[],
    seconds=0,
)


def _sight(id: str, run: Run) -> Check:  # noqa: A002
    """In a process of its own: libraries that fail may take it with them."""
    return Check(id, id, lane=id, limit=_SECONDS, wanted=always, run=run)


SIGHTS = (
    _sight("variables", container.variables),
    _sight("devices", container.devices),
    _sight("nvml", driver.nvml),
    _sight("libcuda", driver.libcuda),
    _sight("cudart", driver.cudart),
    _sight("torch", wheels.torch),
)


def main() -> None:
    """Look at everything, in parallel, after one walk through the files that all of them ask about."""
    inventory.copies("cudart")
    patience = float(os.environ.get("PROBE_PATIENCE", "1"))
    for result in supervise(list(SIGHTS), _NOTHING, seconds=2 * _SECONDS, patience=patience):
        os.write(1, frame(result))

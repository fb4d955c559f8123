"""All checks, one file a layer, and which of them an image has to pass."""

from __future__ import annotations

from builder.smoke.probes.check import Check
from builder.smoke.probes.checks import (
    app,
    compiler,
    conda,
    driver,
    endurance,
    files,
    guard,
    origin,
    platform,
    toolkit,
    wheels,
    work,
)
from builder.smoke.probes.promise import Promise

# In the order in which checks of one lane are made: origin looks back at the work.
LAYERS = (platform, files, driver, toolkit, compiler, wheels, conda, guard, work, endurance, origin, app)
ALL: tuple[Check, ...] = tuple(check for layer in LAYERS for check in layer.CHECKS)


def demanded(promise: Promise) -> list[Check]:
    """The checks that this image has to pass; each of them must be in its report."""
    return [check for check in ALL if check.wanted(promise)]

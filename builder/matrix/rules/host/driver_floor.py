"""driver-floor: an image that needs a newer driver than a declared host has."""

from collections.abc import Iterator

from builder.matrix.machines.runs import Layer
from builder.matrix.rules.host.declared import hits
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, Layer.DRIVER)


RULE = Rule(
    "driver-floor",
    Severity.ERROR,
    "An image does not run with the driver of a host that it was promised to.",
    "The container starts and finds no CUDA, or refuses to start: `unsatisfied condition: cuda>=13.0`.",
    "Update the host's driver, take an older CUDA for it, or narrow the host's `match`.",
    _check,
)

"""torch-cuda-mismatch: no wheel of this torch goes with this CUDA."""

from collections.abc import Iterator

from builder.facts.wheels import Mismatch
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.rules.wheel.fits import hits
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, (Mismatch.UNKNOWN_TORCH, Mismatch.OTHER_MAJOR, Mismatch.NEWER_MINOR))


RULE = Rule(
    "torch-cuda-mismatch",
    Severity.ERROR,
    "No wheel of this torch was built with this CUDA's major at its minor or below.",
    "pip would silently install the default wheel: another CUDA than the tag says, or none at all.",
    "Take a torch that the finding names, or another CUDA.",
    _check,
)

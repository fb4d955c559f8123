"""torch-arch-missing: a torch that has no CUDA wheel for this platform."""

from collections.abc import Iterator

from builder.facts.wheels import Mismatch
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.rules.wheel.fits import hits
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, (Mismatch.NO_CUDA_ON_ARCH,))


RULE = Rule(
    "torch-arch-missing",
    Severity.ERROR,
    "This torch has only a CPU wheel for this platform.",
    "On the default index torch is CPU-only for arm64 up to 2.10; the image would start and find no GPU.",
    "Take a torch that the finding names, or give the platform `cuda: cpu`.",
    _check,
)

"""cudnn-unavailable: a cuDNN flavor of a CUDA version that has none."""

from collections.abc import Iterator

from builder.facts.upstream import Gap
from builder.matrix.rules.base.gaps import hits
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, (Gap.NO_CUDNN, Gap.CUDNN_NAMING), "flavor")


RULE = Rule(
    "cudnn-unavailable",
    Severity.ERROR,
    "NVIDIA has no cuDNN flavor of this CUDA on this operating system.",
    "12.4.0 has none and 12.4.1 has, 12.8.1 has and 12.8.2 has none: versions that look alike are not.",
    "Take the CUDA version that the finding names, exclude the flavor, or use the source `wheels`.",
    _check,
)

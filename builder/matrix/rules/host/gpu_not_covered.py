"""gpu-not-covered: an image without code for the GPU of a declared host."""

from collections.abc import Iterator

from builder.matrix.machines.runs import Layer
from builder.matrix.rules.host.declared import hits
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, Layer.TOOLKIT, Layer.WHEELS)


RULE = Rule(
    "gpu-not-covered",
    Severity.ERROR,
    "The toolkit or torch's wheel has no code for the GPU of a host that the image was promised to.",
    "All starts well, and the first kernel ends with `no kernel image is available for execution`.",
    "Take a torch or a CUDA that covers the GPU, or narrow the host's `match`.",
    _check,
)

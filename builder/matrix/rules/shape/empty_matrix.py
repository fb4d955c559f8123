"""empty-matrix: a matrix of nothing publishes nothing, and every later step would succeed at it."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    if not context.cells:
        excluded = sum(context.expansion.excluded)
        because = f"; {excluded} were excluded" if excluded else ""
        yield Hit(
            f"the matrix has no cells{because}",
            "Give `axes:` at least a `cuda` and an `os`, or list cells under `include:`.",
            context.key("axes"),
        )


RULE = Rule(
    "empty-matrix",
    Severity.ERROR,
    "The matrix has no cells.",
    "A typo in an exclusion can empty a matrix; the job then turns green without having built anything.",
    "Give `axes:` at least a `cuda` and an `os`, or list cells under `include:`.",
    _check,
    firm=True,
)

"""base-eol: a base that NVIDIA does not patch any more."""

from collections.abc import Iterator

from builder.facts.forecast import forecast
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for cuda, cells in group(context.upstream, lambda cell: cell.cuda).items():
        found = forecast(cuda)
        if found is None or not found.is_eol(context.today):
            continue
        since = f" since {found.eol}" if found.eol else ""
        listed = "; its documents still list them as supported" if found.unverified else ""
        yield Hit(
            f"by NVIDIA's policy the images of CUDA {cuda} get no more patches{since}: {found.why}{listed}",
            f"Move to CUDA {found.superseded_by}."
            if found.superseded_by
            else "Plan the move to a newer CUDA.",
            context.place(cells[0], "cuda"),
            cells,
        )


RULE = Rule(
    "base-eol",
    Severity.WARNING,
    "NVIDIA does not patch the base any more.",
    "Its packages keep their known holes, and scanners will say so of every image made from it.",
    "Move to the patch release that superseded it, or to a newer CUDA.",
    _check,
)

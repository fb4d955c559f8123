"""base-deletion-forecast: a base whose tags NVIDIA may delete soon, or may have deleted."""

from collections.abc import Iterator
from datetime import timedelta

from builder.facts.forecast import forecast
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity

_HORIZON = timedelta(days=183)


def _check(context: Context) -> Iterator[Hit]:
    for cuda, cells in group(context.upstream, lambda cell: cell.cuda).items():
        found = forecast(cuda)
        if found is None or found.deletable is None or found.deletable - context.today > _HORIZON:
            continue
        yield Hit(
            f"NVIDIA's policy lets it delete the tags of CUDA {cuda} from {found.deletable} on: {found.why}",
            f"Move to CUDA {found.superseded_by}." if found.superseded_by else "Mirror the base, or move on.",
            context.place(cells[0], "cuda"),
            cells,
        )


RULE = Rule(
    "base-deletion-forecast",
    Severity.WARNING,
    "NVIDIA's policy lets it delete the base's tags within half a year, or has let it already.",
    "Tags are deleted six months after their end of life; the next build then ends with `manifest unknown`.",
    "Mirror the base and name the mirror under `sources`, or move to a newer CUDA.",
    _check,
)

"""too-many-jobs: more cells than GitHub gives jobs to one matrix."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity

# GitHub Actions, workflow syntax: `jobs.<job_id>.strategy.matrix` generates at most 256 jobs a run.
MAX_JOBS = 256


def _check(context: Context) -> Iterator[Hit]:
    if len(context.cells) > MAX_JOBS:
        yield Hit(
            f"{len(context.cells):,} cells are more than the {MAX_JOBS} jobs of one GitHub matrix",
            f"Give each job several cells: `--shard I/N` with N at most {MAX_JOBS}.",
            context.key("axes"),
        )


RULE = Rule(
    "too-many-jobs",
    Severity.WARNING,
    "The matrix has more cells than one GitHub matrix has jobs.",
    "A job a cell is cut off at 256; what is beyond is never built, and nobody notices.",
    f"Give each job several cells: `--shard I/N` with N at most {MAX_JOBS}.",
    _check,
)

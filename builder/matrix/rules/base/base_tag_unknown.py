"""base-tag-unknown: a base that the repository does not have."""

from collections.abc import Iterator

from builder.facts.upstream import Gap
from builder.matrix.expansion.bases import ngc_release
from builder.matrix.rules.base.gaps import hits
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Source
from builder.model.finding import Severity

_GAPS = (Gap.NO_IMAGE, Gap.NO_OS, Gap.NO_FLAVOR, Gap.UNKNOWN_CUDA, Gap.ABSENT)


def _check(context: Context) -> Iterator[Hit]:
    yield from hits(context, _GAPS, "os")

    def undeclared(cell: Cell) -> tuple[str, str] | None:
        known = cell.source is not Source.NGC_PYTORCH or ngc_release(context.matrix, cell.cuda, cell.os)
        return None if known else (cell.cuda, cell.os)

    for (cuda, os), cells in group(context.cells, undeclared).items():
        yield Hit(
            f"no release under `sources.ngc-pytorch.releases` has CUDA {cuda} on {os}",
            "Add one, with what NVIDIA's release notes say it holds.",
            cells[0].where,
            cells,
        )


RULE = Rule(
    "base-tag-unknown",
    Severity.ERROR,
    "NVIDIA has no image of this CUDA, flavor and operating system.",
    "The build ends with `manifest unknown`, after everything before it in the queue was built.",
    "Take one of the nearest tags, or another source. Where the tables may be behind, it is a warning.",
    _check,
)

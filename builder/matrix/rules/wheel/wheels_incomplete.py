"""wheels-incomplete: the source `wheels` asked for a CUDA that it cannot serve."""

from collections.abc import Iterator

from builder.facts import cuda as toolkits
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Source
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for cuda, cells in group(context.cells, _incomplete).items():
        yield Hit(
            f"CUDA {cuda} cannot come from wheels: they are complete from 13.0 on",
            "Use the source `upstream` for it.",
            context.place(cells[0], "cuda"),
            cells,
        )


def _incomplete(cell: Cell) -> str | None:
    release = toolkits.release(cell.cuda)  # cuda-never-released says when there is none
    return cell.cuda if cell.source is Source.WHEELS and release and not release.has_complete_wheels else None


RULE = Rule(
    "wheels-incomplete",
    Severity.ERROR,
    "The source `wheels` cannot serve this CUDA.",
    "Before 13.0 the wheels have no nvcc that fits into one tree; the build would fail at its last step.",
    "Use the source `upstream` for it.",
    _check,
)

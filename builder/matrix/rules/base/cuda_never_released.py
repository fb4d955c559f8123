"""cuda-never-released: a version of CUDA that there never was."""

from collections.abc import Iterator

from builder.facts import cuda as toolkits
from builder.facts.cuda import Status
from builder.facts.version import is_number
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.cell import Cell, Source
from builder.model.finding import Severity

_PARTS = 3
_OWN = (Source.UPSTREAM, Source.WHEELS)


def _check(context: Context) -> Iterator[Hit]:
    for cuda, cells in group(context.cells, _wrong).items():
        preview = toolkits.release(cuda)
        what = "was only a preview" if preview and preview.status is Status.PREVIEW else "was never released"
        yield Hit(
            f"CUDA {cuda} {what}",
            f"Take {' or '.join(toolkits.nearest(cuda)) or toolkits.releases()[-1].version}.",
            context.place(cells[0], "cuda"),
            cells,
        )


def _wrong(cell: Cell) -> str | None:
    if cell.source not in _OWN or cell.cuda == "latest":
        return None
    if is_number(cell.cuda) and len(cell.cuda.split(".")) < _PARTS:
        return None  # floating-tag says so
    return cell.cuda if toolkits.exists(cell.cuda) is False else None


RULE = Rule(
    "cuda-never-released",
    Severity.ERROR,
    "There is no such CUDA.",
    "There is no 12.7, and 13.4.0 was only a preview: the pull fails with `manifest unknown`.",
    "Take a version that the finding names.",
    _check,
)

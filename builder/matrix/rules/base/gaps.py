"""Cells whose base NVIDIA does not have, for the rules that each look at some of the reasons."""

from collections.abc import Collection, Iterator

from builder.facts.upstream import Gap, NoTag, find
from builder.facts.version import is_number
from builder.matrix.rules.rule import Context, Hit, group, warn_if
from builder.model.cell import Cell

_NVIDIA = "nvidia/cuda"


def hits(context: Context, gaps: Collection[Gap], axis: str) -> Iterator[Hit]:
    """A hit for each reason why tags are missing, at the value of that axis.

    Of repositories that are not NVIDIA's nobody knows what they hold, so that it is only a warning there.
    """
    foreign = not context.matrix.sources.upstream.repository.endswith(f"/{_NVIDIA}")
    for (why, doubted), cells in group(context.upstream, lambda cell: _missing(cell, gaps)).items():
        found = [tag for cell in cells if isinstance(tag := _find(cell), NoTag)]
        yield Hit(why, _fix(found), context.place(cells[0], axis), cells, warn_if(doubted or foreign))


def _missing(cell: Cell, gaps: Collection[Gap]) -> tuple[str, bool] | None:
    if not is_number(cell.cuda):
        return None  # cuda-never-released, floating-tag or no-latest says so
    found = _find(cell)
    if not isinstance(found, NoTag) or found.gap not in gaps:
        return None
    return found.why, "tag" in found.unverified


def _find(cell: Cell) -> object:
    return find(cell.cuda, str(cell.flavor), cell.os)


def _fix(found: list[NoTag], most: int = 3) -> str:
    nearest = list(dict.fromkeys(tag for missing in found for tag in missing.nearest))[:most]
    if not nearest:
        return "Choose another `cuda` or `os`, or another source such as `wheels`."
    return f"Nearest that {'exists' if len(nearest) == 1 else 'exist'}: {', '.join(nearest)}."

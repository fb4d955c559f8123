"""cudnn-naming: a cuDNN flavor in another version's spelling."""

import re
from collections.abc import Iterator
from typing import Any

from builder.facts import tags
from builder.facts.version import is_number
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.matrix.text.document import Path
from builder.model.cell import Flavor
from builder.model.finding import Severity
from builder.model.location import Location

_VERSIONED = re.compile(r"cudnn[89]-(?:runtime|devel)")


def _check(context: Context) -> Iterator[Hit]:
    for written, where, entry in _written(context):
        flavor = Flavor(re.sub(r"[89]", "", written))
        mine = [cell for cell in context.upstream if cell.flavor is flavor and context.entry(cell) == entry]
        for cuda, cells in group(mine, lambda cell: cell.cuda if is_number(cell.cuda) else None).items():
            spelled = tags.spell(cuda, str(flavor))
            if spelled != written:
                yield Hit(
                    f"CUDA {cuda} spells `{written}` as `{spelled}`",
                    f"Write `{flavor}`: each version gets the spelling it has.",
                    where,
                    cells,
                )


def _written(context: Context) -> Iterator[tuple[str, Location, int | None]]:
    """The flavors that the matrix spells with cuDNN's version, and the entry of `include` they are in."""
    data = context.loaded.document.data
    axes = data.get("axes", {}).get("flavor", [])
    lists: list[tuple[Path, Any, int | None]] = [(("axes", "flavor"), axes, None)]
    for i, own in enumerate(data.get("include", [])):
        lists.append((("include", i, "flavor"), own.get("flavor", []), i))
    for path, value, entry in lists:
        for i, text in enumerate(value if isinstance(value, list) else [value]):
            if _VERSIONED.fullmatch(text):
                yield text, context.locate(*path, i), entry


RULE = Rule(
    "cudnn-naming",
    Severity.ERROR,
    "A cuDNN flavor is spelled as another CUDA version spells it.",
    "NVIDIA wrote `cudnn8-` up to 12.2.2, `cudnn9-` for 12.3.2 only, and `cudnn-` from 12.4 on; a copied "
    "tag is `manifest unknown`, or brings another cuDNN than its name says.",
    "Write `cudnn-runtime` or `cudnn-devel`: each version gets the spelling it has.",
    _check,
)

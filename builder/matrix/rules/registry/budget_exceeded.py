"""budget-exceeded: a staged image that weighs more than the matrix allows its flavor or its app."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity
from builder.model.size import show_size

_FIX = "Leave something out of it, or raise the budget."


def _check(context: Context) -> Iterator[Hit]:
    sizes = context.survey.sizes if context.survey else {}
    for target in context.expansion.all:
        for cell in target.cells:
            size = sizes.get((target.name, cell.platform), 0)
            most = context.matrix.allowed(cell)
            if most is not None and size > most:
                whose = target.app or str(cell.flavor)
                path = ("apps", whose, "budget") if cell.app else ("budget", whose)
                yield Hit(
                    f"the image weighs {show_size(size)}, and the budget of `{whose}` is {show_size(most)}",
                    _FIX,
                    context.locate(*path),
                    (cell,),
                )


RULE = Rule(
    "budget-exceeded",
    Severity.ERROR,
    "An image that is staged for its inputs of today weighs more than the `budget` of its flavor or its app.",
    "Images grow by a forgotten cache or a second copy of a library, and nobody notices until disks fill.",
    _FIX,
    _check,
    online=True,
)

"""image-drifted: a staged image whose parts of CUDA are not those of what it is built on."""

from collections.abc import Iterator

from builder.matrix.drift import drift, shown
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity

_FIX = "Leave the upgrade out of the Dockerfile, or build on a base that has it."


def _check(context: Context) -> Iterator[Hit]:
    found = context.survey.contents if context.survey else {}
    for target in context.expansion.all:
        for cell in target.cells:
            contents = found.get((target.name, cell.platform))
            if contents and (drifted := drift(contents)):
                yield Hit(shown(drifted), _FIX, target.where, (cell,))


RULE = Rule(
    "image-drifted",
    Severity.ERROR,
    "A staged image has a part of CUDA, or torch, in another version than its base, its parent or the lock.",
    "Parts of CUDA are tested with each other; what an upgrade put there instead fails later, on some GPU.",
    _FIX,
    _check,
    online=True,
)

"""mirrors-disagree: places of one base that have different images under its tag."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import answered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for _, base, cells, answers in answered(context):
        for platform, told in answers.disagreement.items():
            if divided := [cell for cell in cells if cell.platform == platform]:
                said = "; ".join(f"{place} has {digest.short}" for place, digest in told.items())
                yield Hit(
                    f"the places of {base.name} disagree on {platform}: {said}",
                    "Bring the mirrors up to date, or take out the one that is wrong.",
                    context.place(cells[0], "cuda", "os"),
                    divided,
                )


RULE = Rule(
    "mirrors-disagree",
    Severity.ERROR,
    "A base's tag is not the same image in all places that the matrix names for it.",
    "Which image one builds on would depend on which registry answered first.",
    "Bring the mirrors up to date, or take out the one that is wrong.",
    _check,
    online=True,
)

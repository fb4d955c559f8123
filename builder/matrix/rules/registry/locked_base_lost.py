"""locked-base-lost: a locked digest that no registry has any more."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import answered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for _, base, cells, answers in answered(context):
        if losing := [cell for cell in cells if cell.platform in answers.lost]:
            platforms = ", ".join(sorted({str(cell.platform) for cell in losing}))
            yield Hit(
                f"nobody has the locked digest of {base.name} for {platforms} any more",
                "Run `python -m builder lock --update`, or bring the digest back from a mirror.",
                context.place(losing[0], "cuda", "os"),
                losing,
            )


RULE = Rule(
    "locked-base-lost",
    Severity.ERROR,
    "The lock has a digest that is in none of the base's places any more.",
    "Registries collect what no tag holds; a build that needs the digest ends with `manifest unknown`.",
    "Run `python -m builder lock --update`, or use a mirror that keeps digests.",
    _check,
    online=True,
)

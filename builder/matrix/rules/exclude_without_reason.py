"""exclude-without-reason: an exclusion or override that does not say why."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for part, rules in (("exclude", context.matrix.exclude), ("override", context.matrix.override)):
        for i, rule in enumerate(rules):
            if not (rule.reason or "").strip():
                yield Hit(
                    f"this {part} has no reason",
                    'Add `reason: "…"`: it is shown wherever it takes effect.',
                    context.locate(part, i),
                )


RULE = Rule(
    "exclude-without-reason",
    Severity.ERROR,
    "Nobody dares to remove what nobody explained.",
    _check,
)

"""exclude-without-reason: an exclusion or override that does not say why."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    reasons = [("exclude", i, rule.reason) for i, rule in enumerate(context.matrix.exclude)]
    reasons += [("override", i, rule.reason) for i, rule in enumerate(context.matrix.override)]
    for part, i, reason in reasons:
        if not (reason or "").strip():
            yield Hit(
                f"this {part} has no reason",
                'Add `reason: "…"`: it is shown wherever it takes effect.',
                context.locate(part, i),
            )


RULE = Rule(
    "exclude-without-reason",
    Severity.ERROR,
    "An exclusion or override does not say why.",
    "Nobody dares to remove what nobody explained.",
    'Add `reason: "…"`: it is shown wherever it takes effect.',
    _check,
)

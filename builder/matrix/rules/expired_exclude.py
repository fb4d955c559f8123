"""expired-exclude: an exclusion past its own `until`."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for i, rule in enumerate(context.matrix.exclude):
        if rule.until is not None and rule.until <= context.today:
            yield Hit(
                f"this exclusion was to end on {rule.until}",
                "See whether its reason still holds: remove it, or set a later `until`.",
                context.locate("exclude", i, "until"),
            )


RULE = Rule(
    "expired-exclude",
    Severity.WARNING,
    "Exclusions outlive what they were written for; users then miss images that would work.",
    _check,
)

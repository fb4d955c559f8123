"""expired-exclude: an exclusion, or an entry of `rules:`, past its own `until`."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    ends = [("exclude", i, rule.until) for i, rule in enumerate(context.matrix.exclude)]
    ends += [("rules", i, entry.until) for i, entry in enumerate(context.matrix.rules)]
    for part, i, until in ends:
        if until is not None and until <= context.today:
            yield Hit(
                f"this {'exclusion' if part == 'exclude' else 'entry'} was to end on {until}",
                "See whether its reason still holds: remove it, or set a later `until`.",
                context.locate(part, i, "until"),
            )


RULE = Rule(
    "expired-exclude",
    Severity.WARNING,
    "An exclusion, or an entry of `rules:`, is past its `until`.",
    "Exclusions outlive what they were written for; users then miss images that would work.",
    "See whether its reason still holds: remove it, or set a later `until`.",
    _check,
)

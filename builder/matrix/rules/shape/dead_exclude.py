"""dead-exclude: an exclusion, override, policy or app that matches nothing is not what its author meant."""

from collections.abc import Iterator

from builder.matrix.expansion.apps import is_built
from builder.matrix.match import matches
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    counts = (("exclude", context.expansion.excluded), ("override", context.expansion.overridden))
    for part, hits in counts:
        for i, count in enumerate(hits):
            if not count:
                yield Hit(
                    f"this {part} matches no cell",
                    "Correct its match, or remove it.",
                    context.locate(part, i),
                )
    for i, policy in enumerate(context.matrix.smoke.policies):
        match = policy.match.given()
        every = (cell for target in context.expansion.all for cell in target.cells)
        if not any(matches(match, cell.values()) for cell in every):
            yield Hit(
                "this policy matches no cell",
                "Correct its match, or remove it.",
                context.locate("smoke", "policies", i),
            )
    for name, entry in context.matrix.apps.items():
        if not is_built(entry, context.targets):
            yield Hit(
                f"the app {name} is built nowhere: its match fits no cell",
                "Correct its match, or remove it.",
                context.locate("apps", name, "match"),
            )


RULE = Rule(
    "dead-exclude",
    Severity.ERROR,
    "An exclusion, an override, an app or a policy of the smoke test matches no cell.",
    "A rule that never takes effect is a typo, or hides that the cell it was written for is gone.",
    "Correct its match, or remove it.",
    _check,
)

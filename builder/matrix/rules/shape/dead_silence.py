"""dead-silence: an entry of `rules:` that changes nothing."""

from collections.abc import Iterator
from difflib import get_close_matches

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.rules.weigh import applies
from builder.matrix.schema import Adjustment
from builder.model.finding import Severity


def checker(rules: tuple[Rule, ...]) -> Rule:
    """The rule, which knows the rules there are."""
    known = {rule.id: rule for rule in rules}

    def check(context: Context) -> Iterator[Hit]:
        for i, entry in enumerate(context.matrix.rules):
            if objection := _objection(context, entry, known):
                yield Hit(*objection, context.locate("rules", i))

    return Rule(
        "dead-silence",
        Severity.ERROR,
        "An entry of `rules:` changes nothing.",
        "What was silenced once stays silenced when it comes back for another reason.",
        "Remove the entry, or correct its `id` or `match`.",
        check,
        firm=True,
    )


def _objection(context: Context, entry: Adjustment, known: dict[str, Rule]) -> tuple[str, str] | None:
    rule = known.get(entry.id)
    if rule is None:
        close = get_close_matches(entry.id, known, n=1)
        hint = f" (did you mean `{close[0]}`?)" if close else ""
        return f"there is no rule `{entry.id}`{hint}", "`python -m builder explain` lists the rules."
    if rule.firm and entry.severity != "error":
        return f"`{entry.id}` cannot be lowered", f"Mend what it finds instead. {rule.fix}"
    if rule.online:
        return None  # what registries say changes by the hour
    if not any(rule_id == entry.id and applies(entry, hit) for rule_id, hit in context.hits):
        return (
            f"`{entry.id}` finds nothing that this entry is for",
            "Remove the entry, or correct its `match`.",
        )
    return None

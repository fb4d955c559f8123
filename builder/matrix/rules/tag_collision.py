"""tag-collision: two targets with one tag or one name; the second would overwrite the first."""

from collections import defaultdict
from collections.abc import Iterator

from builder.matrix.rules.rendered import rendered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    owners: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    templates: dict[str, tuple[str, int]] = {}
    for target, part, i, tag in rendered(context):
        owners[tag][target.name, part] = i
        templates[tag] = (part, i)
    for tag, claims in sorted(owners.items()):
        names = sorted({name for name, _ in claims})
        if len(claims) > 1:
            claimed = (
                " and ".join(names[:3]) if len(names) > 1 else f"{names[0]}, as release and as rolling tag,"
            )
            yield Hit(
                f"{claimed} would both be tagged `{tag}`",
                "Add to the template what tells them apart.",
                context.locate("tags", *templates[tag]),
                tuple(names),
            )
    named = defaultdict(list)
    for target in context.targets:
        named[target.name.replace(".", "_")].append(target)
    for name, targets in sorted(named.items()):
        if len(targets) > 1:
            yield Hit(
                f"{len(targets)} targets are called {name}",
                "Give them values that tell them apart.",
                targets[-1].where,
                (targets[0].name,),
            )
    for cell in context.expansion.doubled:
        yield Hit(
            f"{' '.join(cell.values().values())} is asked for twice",
            "Remove one of the two entries.",
            cell.where,
        )


RULE = Rule(
    "tag-collision",
    Severity.ERROR,
    "Bake accepts two targets with one tag and keeps whichever is pushed last.",
    _check,
)

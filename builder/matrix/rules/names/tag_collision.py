"""tag-collision: two targets with one tag or one name; the second would overwrite the first."""

from collections import defaultdict
from collections.abc import Iterator
from re import sub

from builder.matrix.rules.rule import Context, Hit, Rule, Tag
from builder.model.cell import Target
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    yield from _tags(context)
    yield from _names(context)
    for cell in context.expansion.doubled:
        yield Hit(
            f"{' '.join(cell.values().values())} is asked for twice",
            "Remove one of the two entries.",
            cell.where,
        )


def _tags(context: Context) -> Iterator[Hit]:
    owners: dict[str, list[Tag]] = defaultdict(list)
    for tag in context.tags:
        owners[tag.text].append(tag)
    for text, claims in sorted(owners.items()):
        targets = {tag.target.name: tag.target for tag in claims}
        parts = {tag.pattern.part for tag in claims}
        if len(targets) == 1 and len(parts) == 1:
            continue
        names = sorted(targets)
        claimed = " and ".join(names[:3]) if len(names) > 1 else f"{names[0]}, as release and as rolling tag,"
        yield Hit(
            f"{claimed} would both be tagged `{text}`",
            "Add to the template what tells them apart.",
            claims[-1].pattern.where,
            [cell for name in names for cell in targets[name].cells],
        )


def _names(context: Context) -> Iterator[Hit]:
    named: dict[str, list[Target]] = defaultdict(list)
    for target in context.expansion.all:
        # Bake knows letters, digits, `_` and `-` only.
        named[sub(r"[^A-Za-z0-9_-]", "_", target.name)].append(target)
    for name, targets in sorted(named.items()):
        if len(targets) > 1:
            yield Hit(
                f"{len(targets)} targets are called {name}",
                "Give them values that tell them apart.",
                targets[-1].where,
                [cell for target in targets for cell in target.cells],
            )


RULE = Rule(
    "tag-collision",
    Severity.ERROR,
    "Two targets have the same tag or name, or one cell is asked for twice.",
    "Bake accepts two targets with one tag and keeps whichever is pushed last.",
    "Add to the tag's template what tells them apart, or remove one of them.",
    _check,
    firm=True,
)

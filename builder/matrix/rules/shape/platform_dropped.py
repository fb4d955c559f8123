"""platform-dropped: a target lacks a platform that the family has, and nothing says why."""

from collections.abc import Iterator

from builder.matrix.match import matches
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.cell import Target
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for target in context.targets:
        have = {str(cell.platform) for cell in target.cells}
        if lacking := [
            name
            for name in context.matrix.axes.platform
            if name not in have and not _explained(context, target, name)
        ]:
            yield Hit(
                f"{target.name} is not built for {', '.join(lacking)}, and nothing says why",
                "Add the platform, or give the entry a `reason`.",
                context.place(target.cells[0], "platform"),
                target.cells,
            )


def _explained(context: Context, target: Target, platform: str) -> bool:
    cell = target.cells[0]
    entry = context.entry(cell)
    if entry is not None:
        return bool(context.matrix.include[entry].reason)
    values = {**cell.values(), "platform": platform}
    return any(matches(rule.match.given(), values) for rule in context.matrix.exclude)


RULE = Rule(
    "platform-dropped",
    Severity.WARNING,
    "A target lacks a platform that the family has, and nothing says why.",
    "Users of that platform pull the tag and get `no matching manifest`, or an older image.",
    "Add the platform, or say why it is left out.",
    _check,
)

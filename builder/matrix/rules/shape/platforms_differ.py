"""platforms-differ: a tag names a value that is not the same on all platforms of its target."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.tags import Template, differing
from builder.model.cell import Target
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for target in context.expansion.all:
        axes = differing(target)
        if not axes:
            continue
        if not target.app:  # it differs as the images do that it is built over
            yield Hit(
                f"{target.name} differs between its platforms: {_told(target, axes)}",
                "Nothing to do if that is meant; its overrides say why.",
                target.where,
                target.cells,
                Severity.NOTE,
            )
        for pattern in context.patterns:
            if pattern.app == target.app and (named := sorted(_fields(pattern.text) & set(axes))):
                yield Hit(
                    f"the tag `{pattern.text}` names {', '.join(named)}, which differs between the platforms "
                    f"of {target.name}",
                    "Leave it out of the template, or give the platforms the same value.",
                    pattern.where,
                    target.cells,
                )


def _fields(text: str) -> frozenset[str]:
    try:
        return Template.parse(text).fields
    except ValueError:
        return frozenset()  # tag-invalid says so


def _told(target: Target, axes: tuple[str, ...]) -> str:
    values = [(str(cell.platform), cell.values()) for cell in target.cells]
    return "; ".join(
        f"{axis} " + ", ".join(f"{value[axis]} on {name}" for name, value in values) for axis in axes
    )


RULE = Rule(
    "platforms-differ",
    Severity.ERROR,
    "A target's platforms get different versions, and a tag names one of them; without a tag, a note.",
    "A tag that says torch 2.13 must not give arm64 users torch 2.10.",
    "Leave the value out of the tag's template, or give the platforms the same one.",
    _check,
    firm=True,
)

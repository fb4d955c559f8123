"""tag-mutable-template: a release tag that would be the same again next week."""

from collections.abc import Iterator
from datetime import date

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.tags import Template
from builder.model.finding import Severity

_DAYS = (date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), date(2027, 1, 1))


def _check(context: Context) -> Iterator[Hit]:
    for pattern in context.patterns:
        if pattern.part != "release":
            continue
        try:
            template = Template.parse(pattern.text)
        except ValueError:
            continue  # tag-invalid says so
        values = dict.fromkeys(template.fields - {"epoch"}, "1")
        if len({template.render(values, day) for day in _DAYS}) < len(_DAYS):
            yield Hit(
                f"two days give the same release tag by `{pattern.text}`",
                "Add `{epoch:%Y%m%d}` to it, or move it to `rolling:`.",
                pattern.where,
            )


RULE = Rule(
    "tag-mutable-template",
    Severity.ERROR,
    "Two days give the same release tag.",
    "Release tags never move, so the second release of this matrix would be refused.",
    "Add `{epoch:%Y%m%d}` to it, or move it to `rolling:`.",
    _check,
    firm=True,
)

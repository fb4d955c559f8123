"""tag-mutable-template: a release tag that would be the same again next week."""

from collections.abc import Iterator
from datetime import date

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.tags import Template
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for i, text in enumerate(context.matrix.tags.release):
        try:
            template = Template.parse(text)
        except ValueError:
            continue  # tag-invalid says so
        values = dict.fromkeys(template.fields - {"epoch"}, "1")
        if template.render(values, date(2026, 1, 1)) == template.render(values, date(2026, 1, 2)):
            yield Hit(
                f"the release tag `{text}` does not change with the epoch's day",
                "Add `{epoch:%Y%m%d}` to it, or move it to `rolling:`.",
                context.locate("tags", "release", i),
            )


RULE = Rule(
    "tag-mutable-template",
    Severity.ERROR,
    "Release tags never move, so the second release of this matrix would be refused.",
    _check,
)

"""tag-invalid: a template that does not parse, or a tag that no registry takes."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.tags import Template
from builder.model.finding import Severity
from builder.model.reference import is_tag

_LONGEST = 140


def _check(context: Context) -> Iterator[Hit]:
    for pattern in context.patterns:
        try:
            Template.parse(pattern.text)
        except ValueError as error:
            yield Hit(str(error), "Correct the template.", pattern.where)
    for tag in context.tags:
        if not is_tag(tag.text):
            yield Hit(
                f"`{tag.text[:_LONGEST]}` is no tag ({len(tag.text)} characters)",
                "A tag has at most 128 letters, digits, '_', '.' and '-', and starts with no '.' or '-'.",
                tag.pattern.where,
                tag.target.cells,
            )


RULE = Rule(
    "tag-invalid",
    Severity.ERROR,
    "A template does not parse, or comes to a tag that no registry takes.",
    "The registry would refuse the push after everything was built.",
    "A tag has at most 128 letters, digits, '_', '.' and '-', and starts with no '.' or '-'.",
    _check,
    firm=True,
)

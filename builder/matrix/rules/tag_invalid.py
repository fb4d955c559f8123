"""tag-invalid: a template that does not parse, or a tag that no registry takes."""

from collections.abc import Iterator

from builder.matrix.rules.rendered import rendered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.tags import Template
from builder.model.finding import Severity
from builder.model.reference import is_tag


def _check(context: Context) -> Iterator[Hit]:
    for part in ("release", "rolling"):
        for i, text in enumerate(getattr(context.matrix.tags, part)):
            try:
                Template.parse(text)
            except ValueError as error:
                yield Hit(str(error), "Correct the template.", context.locate("tags", part, i))
    for target, part, i, tag in rendered(context):
        where = context.locate("tags", part, i)
        if not is_tag(tag):
            yield Hit(
                f"`{tag[:140]}` is no tag ({len(tag)} characters)",
                "A tag has at most 128 letters, digits, '_', '.' and '-', and starts with no '.' or '-'.",
                where,
                (target.name,),
            )
        elif tag == "latest":
            yield Hit("a tag comes to `latest`", "Name what the image is.", where, (target.name,))


RULE = Rule(
    "tag-invalid",
    Severity.ERROR,
    "The registry would refuse the push after everything was built.",
    _check,
)

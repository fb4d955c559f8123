"""latest-published: a release repository that has the tag `latest`."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import written
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity

_WORD = "latest"


def _check(context: Context) -> Iterator[Hit]:
    for role, repository, where in written(context):
        if role != "staging" and context.survey and _WORD in context.survey.tags.get(repository, ()):
            yield Hit(
                f"{repository} has the tag `{_WORD}`, which nothing here writes", "Delete the tag.", where
            )


RULE = Rule(
    "latest-published",
    Severity.WARNING,
    "A release repository has the tag `latest`.",
    "Who pulls it gets an image that no gate let through, and nobody can say which it was.",
    "Delete the tag; whoever pushed it has the right to push, and should not.",
    _check,
    online=True,
)

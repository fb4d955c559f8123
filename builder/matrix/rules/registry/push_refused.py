"""push-refused: a repository that would not take our pushes."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import written
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for role, repository, where in written(context):
        if refusal := context.survey.refused.get(repository) if context.survey else None:
            yield Hit(f"the {role} repository {repository} takes no push: {refusal.why}", refusal.fix, where)


RULE = Rule(
    "push-refused",
    Severity.WARNING,
    "The staging or a release repository would refuse a push with the credentials at hand.",
    "`bake` stops before it builds, `release` after it. Where one only reads, as for a pull request, it is "
    "as it should be.",
    "Log in with an account that may push there.",
    _check,
    online=True,
)

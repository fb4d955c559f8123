"""release-tag-taken: a release tag that exists already, on something else."""

from collections.abc import Iterator

from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    if context.survey is None or not context.survey.taken:
        return
    tags = {(tag.target.name, tag.text): tag for tag in context.tags if tag.pattern.part == "release"}
    for taken in context.survey.taken:
        if tag := tags.get((taken.target, taken.tag)):
            yield Hit(
                f"{taken.repository}:{taken.tag} is released already, and not from these inputs",
                "Release under a new epoch (`epoch:` in matrix.lock), or undo what changed the inputs.",
                tag.pattern.where,
                [cell for cell in tag.target.cells if cell.platform in taken.platforms],
            )


RULE = Rule(
    "release-tag-taken",
    Severity.ERROR,
    "A release tag exists, on images of other inputs than the matrix, the lock and the templates have now.",
    "Release tags never move, so that the release would be refused after everything was built.",
    "Release under a new epoch, or undo what changed the inputs.",
    _check,
    online=True,
)

"""registry-unavailable: a registry that could not be asked, which says nothing of what it has."""

from collections.abc import Iterator

from builder.matrix.rules.registry.answers import answered, source_of, written
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.model.cell import Cell
from builder.model.finding import Severity
from builder.model.location import Location
from builder.model.reference import Repository


def _check(context: Context) -> Iterator[Hit]:
    yield from _bases(context)
    for role, repository, where in written(context):
        if trouble := context.survey.untold.get(repository) if context.survey else None:
            yield Hit(
                f"the {role} repository {repository} could not be asked: {trouble.why}", trouble.fix, where
            )


def _bases(context: Context) -> Iterator[Hit]:
    """A hit for each place and reason: mild where another place has every base that it was asked for."""
    groups: dict[tuple[Repository, str, str, bool], tuple[Location | None, list[Cell]]] = {}
    for _, base, cells, answers in answered(context):
        for place, trouble in answers.untold.items():
            key = place, trouble.why, trouble.fix, bool(answers.found)
            groups.setdefault(key, (source_of(context, base, place, cells[0]), []))[1].extend(cells)
    for (place, why, fix, spared), (where, cells) in groups.items():
        besides = "; other places have these bases" if spared else ""
        mild = Severity.WARNING if spared else None
        yield Hit(f"{place} could not be asked: {why}{besides}", fix, where, cells, mild)


RULE = Rule(
    "registry-unavailable",
    Severity.ERROR,
    "A registry could not be asked, so that nobody knows. It is a warning where another place has the base.",
    "An answer that was not given is neither yes nor no. `check` ends with the registry's own exit code.",
    "Do what the finding says, or use `check --offline`.",
    _check,
    online=True,
)

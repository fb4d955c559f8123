"""base-not-found: a base that the registry does not have."""

from collections.abc import Iterator

from builder.facts.nearest import nearest
from builder.facts.upstream import NoTag, lookup
from builder.matrix.expansion.bases import Base
from builder.matrix.rules.registry.answers import answered
from builder.matrix.rules.rule import Context, Hit, Rule
from builder.matrix.survey import Absent, BaseAnswers, Survey
from builder.model.finding import Severity


def _check(context: Context) -> Iterator[Hit]:
    for survey, base, cells, answers in answered(context):
        if all(isinstance(answer, Absent) for answer in answers.places.values()):
            places = ", ".join(map(str, answers.places))
            known = lookup(base.name.tag)
            why = f": {known.why}" if isinstance(known, NoTag) and base.name.repository.path == _CUDA else ""
            yield Hit(
                f"there is no {base.name.tag} in {places}{why}",
                _fix(survey, base, answers),
                context.place(cells[0], "cuda", "os"),
                cells,
            )


_CUDA = "nvidia/cuda"


def _fix(survey: Survey, base: Base, answers: BaseAnswers) -> str:
    listed = frozenset[str]().union(*(survey.tags.get(place, ()) for place in answers.places))
    found = nearest(base.name.tag, sorted(listed))
    if not found:
        return "Choose another `cuda`, `flavor` or `os`, or correct the source's `repository` and `mirrors`."
    return f"Nearest that {'exists' if len(found) == 1 else 'exist'}: {', '.join(found)}."


RULE = Rule(
    "base-not-found",
    Severity.ERROR,
    "The registry does not have the base, by its own word.",
    "NVIDIA deletes tags; the build would end with `manifest unknown` as soon as no cache has the layers.",
    "Take one of the nearest tags that exist, or a mirror that has kept it.",
    _check,
    online=True,
)

"""no-latest: `latest` as a version, or as a tag of what is published."""

from collections.abc import Iterator
from operator import attrgetter

from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity

_WORD = "latest"


def _check(context: Context) -> Iterator[Hit]:
    for axis in ("cuda", "os", "torch", "python"):
        for value, cells in group(context.cells, attrgetter(axis)).items():
            if _is_latest(value):
                yield Hit(
                    f"`{axis}` is `{value}`",
                    "Name a version. NVIDIA's repositories have no `latest` since 2021.",
                    context.place(cells[0], axis),
                    cells,
                )
    for tag in context.tags:
        if _is_latest(tag.text):
            yield Hit(
                f"a tag of {tag.target.name} comes to `{tag.text}`",
                "Name in the template what the image is.",
                tag.pattern.where,
                tag.target.cells,
            )


def _is_latest(text: str) -> bool:
    return text == _WORD or text.startswith((f"{_WORD}-", f"{_WORD}."))


RULE = Rule(
    "no-latest",
    Severity.ERROR,
    "`latest` stands where a version belongs, or would be published as a tag.",
    "Nobody can say what `latest` was when it broke, and the next pull may bring another CUDA.",
    "Name a version.",
    _check,
    firm=True,
)

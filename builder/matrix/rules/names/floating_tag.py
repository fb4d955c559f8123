"""floating-tag: a version that means something else tomorrow."""

import re
from collections.abc import Iterator
from operator import attrgetter

from builder.facts import cuda as toolkits
from builder.facts import torch as torches
from builder.facts.cuda import Status
from builder.matrix.rules.rule import Context, Hit, Rule, group
from builder.model.finding import Severity

_NUMBERS = {"cuda": 3, "torch": 3, "python": 2}
_WORD = re.compile(r"(?:newest|stable|nightly|edge|lts|main|master|dev)\b", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit]:
    for axis in _NUMBERS:
        for value, cells in group(context.cells, attrgetter(axis)).items():
            if value and _floats(axis, value):
                yield Hit(
                    f"`{axis}: {value}` names no one version",
                    _fix(axis, value),
                    context.place(cells[0], axis),
                    cells,
                )


def _floats(axis: str, value: str) -> bool:
    if _WORD.match(value) or value.endswith((".x", ".X")):
        return True
    return value.replace(".", "").isdecimal() and len(value.split(".")) < _NUMBERS[axis]


def _fix(axis: str, value: str) -> str:
    match axis:
        case "cuda":
            known = [release.version for release in toolkits.releases() if release.status is Status.GA]
        case "torch":
            known = [release.version for release in torches.releases()]
        case _:
            return "Write it as `3.12`, or leave it out for the system's own."
    stem = value.removesuffix(".x").removesuffix(".X")
    fitting = [version for version in known if version.startswith(f"{stem}.")] or known
    return f"Write it in full: `{fitting[-1]}`."


RULE = Rule(
    "floating-tag",
    Severity.ERROR,
    "A version is given in part, or by a word such as `stable`.",
    "The image changes its contents under the same name, and no base has a tag like that.",
    "Write versions in full: `13.0.2`, `2.14.1`, and Python's as `3.12`.",
    _check,
    firm=True,
)

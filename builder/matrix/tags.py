"""Tag templates: `{cuda}-{flavor}-{os}[-torch{torch}]-{epoch:%Y%m%d}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import Self

from builder.matrix.schema import AXES, TERMS, Matrix, Tags
from builder.model.cell import NONE, Target

EPOCH = "epoch"
FIELDS = (*(axis for axis in TERMS if axis != "platform"), EPOCH)
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a template; an optional one is left out where one of its fields is empty."""

    text: str
    fields: frozenset[str]
    optional: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A tag with fields in braces; a part in brackets is left out where one of its fields is empty."""

    text: str
    parts: tuple[_Part, ...]
    fields: frozenset[str]

    @classmethod
    @lru_cache(maxsize=256)
    def parse(cls, text: str) -> Self:
        """Check a template.

        Raises:
            ValueError: for unbalanced braces or brackets and for fields that do not exist.
        """
        pieces = _OPTIONAL.split(text)
        if any("[" in piece or "]" in piece for piece in pieces):
            raise ValueError(f"`{text}`: brackets must come in pairs and cannot nest")
        try:
            # Every other piece was in brackets.
            parts = tuple(_Part(piece, _fields(piece), bool(i % 2)) for i, piece in enumerate(pieces))
        except ValueError as error:
            raise ValueError(f"`{text}`: {error}") from error
        return cls(text, parts, frozenset().union(*(part.fields for part in parts)))

    def render(self, values: Mapping[str, str], epoch: date) -> str:
        """The tag for these values; `values` lack `platform`. `+`, which no tag may have, becomes `_`."""
        given: dict[str, object] = {EPOCH: _epoch(epoch)}
        for name in self.fields - {EPOCH}:
            value = values[name]
            given[name] = "" if value == NONE else value.replace("+", "_")
        return "".join(
            part.text.format_map(given)
            for part in self.parts
            if not part.optional or all(given[name] for name in part.fields)
        )


class _Epoch(date):
    def __format__(self, spec: str) -> str:
        return self.strftime(spec or "%Y%m%d")


@lru_cache(maxsize=16)
def _epoch(day: date) -> _Epoch:
    return _Epoch(day.year, day.month, day.day)


def _fields(text: str) -> frozenset[str]:
    names = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if name not in FIELDS:
            raise ValueError(f"there is no field {{{name}}}; known are {', '.join(FIELDS)}")
        if conversion or (spec and name != EPOCH):
            raise ValueError("only {epoch} takes a format, such as {epoch:%Y%m%d}")
        if spec and "{" in spec:
            raise ValueError(f"a format such as {spec} cannot hold a field")
        names.add(name)
    return frozenset(names)


def templates(matrix: Matrix, target: Target) -> Tags:
    """The templates of a target's tags: its app's, or the family's."""
    return matrix.apps[target.app].tags if target.app else matrix.tags


def shared_values(target: Target) -> dict[str, str]:
    """The values that all platforms of a target agree on: the only ones that its tags may name."""
    shared, *others = (cell.values() for cell in target.cells)
    del shared["platform"]
    for other in others:
        shared = {axis: value for axis, value in shared.items() if other[axis] == value}
    return shared


def differing(target: Target) -> tuple[str, ...]:
    """The axes, other than platform, whose values differ between a target's platforms."""
    shared = shared_values(target)
    return tuple(axis for axis in AXES if axis != "platform" and axis not in shared)


def render_all(templates: tuple[str, ...], target: Target, epoch: date) -> tuple[str, ...]:
    """The target's tags, in the templates' order, each once."""
    values = shared_values(target) if templates else {}
    return tuple(dict.fromkeys(Template.parse(text).render(values, epoch) for text in templates))

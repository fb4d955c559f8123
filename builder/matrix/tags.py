"""Tag templates: `{cuda}-{flavor}-{os}[-torch{torch}]-{epoch:%Y%m%d}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from string import Formatter
from typing import Self

from builder.matrix.schema import AXES
from builder.model.cell import NONE, Target

EPOCH = "epoch"
FIELDS = (*(axis for axis in AXES if axis != "platform"), EPOCH)
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True)
class Template:
    """A tag with fields in braces; a part in brackets is left out where one of its fields is empty."""

    text: str

    @classmethod
    @lru_cache(maxsize=256)
    def parse(cls, text: str) -> Self:
        """Check a template.

        Raises:
            ValueError: for unbalanced braces or brackets and for fields that do not exist.
        """
        bare = _SEGMENT.sub(r"\1", text)
        if "[" in bare or "]" in bare:
            raise ValueError(f"`{text}`: brackets must come in pairs and cannot nest")
        try:
            fields = [(name, spec) for _, name, spec, _ in Formatter().parse(bare) if name is not None]
        except ValueError as error:
            raise ValueError(f"`{text}`: {error}") from error
        for name, spec in fields:
            if name not in FIELDS:
                raise ValueError(f"`{text}`: there is no field {{{name}}}; known are {', '.join(FIELDS)}")
            if spec and name != EPOCH:
                raise ValueError(f"`{text}`: only {{epoch}} takes a format, such as {{epoch:%Y%m%d}}")
        return cls(text)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.text) if name)

    def render(self, values: Mapping[str, str], epoch: date) -> str:
        """The tag for these values; `values` lack `platform`."""
        given = {name: "" if value == NONE else value for name, value in values.items()}
        every = {**given, EPOCH: _Epoch(epoch.year, epoch.month, epoch.day)}

        def segment(found: re.Match[str]) -> str:
            fields = [name for _, name, _, _ in Formatter().parse(found[1]) if name]
            return found[1].format_map(every) if all(every[name] for name in fields) else ""

        # Optional parts first: what they render to holds no brace, so the second pass leaves it alone.
        return _SEGMENT.sub(segment, self.text).format_map(every)


class _Epoch(date):
    def __str__(self) -> str:
        return f"{self:%Y%m%d}"

    def __format__(self, spec: str) -> str:
        return self.strftime(spec or "%Y%m%d")


def shared_values(target: Target) -> dict[str, str]:
    """The values that all platforms of a target agree on: the only ones that its tags may name."""
    first, *others = [cell.values() for cell in target.cells]
    return {
        axis: value
        for axis, value in first.items()
        if axis != "platform" and all(other[axis] == value for other in others)
    }


def differing(target: Target) -> tuple[str, ...]:
    """The axes, other than platform, whose values differ between a target's platforms."""
    shared = shared_values(target)
    return tuple(axis for axis in AXES if axis != "platform" and axis not in shared)


def render_all(templates: tuple[str, ...], target: Target, epoch: date) -> tuple[str, ...]:
    """The target's tags, in the templates' order, each once."""
    values = shared_values(target)
    return tuple(dict.fromkeys(Template.parse(text).render(values, epoch) for text in templates))

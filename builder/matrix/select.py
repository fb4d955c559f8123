"""Selectors: the positional arguments that narrow a command to a part of the matrix."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from builder.matrix.cost import cost
from builder.matrix.match import matches, pattern
from builder.matrix.schema import TERMS
from builder.model.cell import Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform


@dataclass(frozen=True, slots=True)
class Selector:
    """`axis=pattern` terms that must all hold, and globs of which one must fit the target's name."""

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    globs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, words: Sequence[str]) -> "Selector":
        """Read `cuda=13.0.*`, `os=debian12,ubuntu24.04` or `13.0.2-devel-*`.

        Raises:
            BuilderError: for an axis that does not exist or a range that does not parse.
        """
        terms, globs = [], []
        for word in words:
            axis, equals, value = word.partition("=")
            if not equals or axis not in TERMS:
                if equals and axis.isidentifier():
                    raise _unknown(f"{axis!r} in {word!r} is no axis")
                globs.append(word)
                continue
            alternatives = (
                (value,) if value.startswith((">", "<", "=", "!", "~")) else tuple(value.split(","))
            )
            try:
                for text in alternatives:
                    pattern(axis, text)
            except ValueError as error:
                raise _unknown(str(error)) from error
            terms.append((axis, alternatives))
        return cls(tuple(terms), tuple(globs))

    def __call__(self, targets: Iterable[Target]) -> tuple[Target, ...]:
        """The targets that fit, each with those of its cells that fit."""
        chosen = (self._narrow(target) for target in targets if self._named(target))
        return tuple(target for target in chosen if target.cells)

    def _named(self, target: Target) -> bool:
        return not self.globs or any(fnmatchcase(target.name, glob) for glob in self.globs)

    def _narrow(self, target: Target) -> Target:
        terms = dict(self.terms)
        return replace(target, cells=tuple(cell for cell in target.cells if matches(terms, cell.values())))


def _unknown(what: str) -> BuilderError:
    return BuilderError(
        ExitCode.NOTHING_SELECTED,
        what,
        fix=f"Select with AXIS=PATTERN, an axis being one of {', '.join(TERMS)}, or a glob on target names.",
    )


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of the work that cost much the same: `index` counts from 1 to `count`."""

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `2/4`.

        Raises:
            BuilderError: when it is not I/N with I from 1 to N.
        """
        index, _, count = text.partition("/")
        if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
            raise BuilderError(
                ExitCode.NOTHING_SELECTED, f"{text!r} is no shard", fix="Write --shard I/N, I being 1 to N."
            )
        return cls(int(index), int(count))

    def __call__(self, targets: Sequence[Target]) -> tuple[Target, ...]:
        """This shard's cells. Every cell is in exactly one shard, whichever machine asks."""
        mine = self._mine(targets)
        parts = (
            replace(t, cells=tuple(cell for cell in t.cells if (t.name, cell.platform) in mine))
            for t in targets
        )
        return tuple(part for part in parts if part.cells)

    def _mine(self, targets: Sequence[Target]) -> set[tuple[str, Platform]]:
        """The dearest cell goes first, each to the shard that has least to do."""
        cells = sorted(
            (-cost(cell), target.name, cell.platform) for target in targets for cell in target.cells
        )
        loads = [(0, index) for index in range(1, self.count + 1)]
        mine = set()
        for less, name, platform in cells:
            load, index = heapq.heappop(loads)
            heapq.heappush(loads, (load - less, index))
            if index == self.index:
                mine.add((name, platform))
        return mine

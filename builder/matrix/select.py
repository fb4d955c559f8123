"""Selectors: the positional arguments that narrow a command to a part of the matrix."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from builder.matrix.match import matches, pattern
from builder.matrix.schema import AXES
from builder.model.cell import Target
from builder.model.errors import BuilderError, ExitCode


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
            if not equals or axis not in AXES:
                if equals and axis.isidentifier():
                    raise _unknown(f"{axis!r} in {word!r} is no axis")
                globs.append(word)
                continue
            alternatives = (value,) if value.startswith((">", "<", "=", "!", "~")) else tuple(value.split(","))
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
        fix=f"Select with AXIS=PATTERN, an axis being one of {', '.join(AXES)}, or a glob on target names.",
    )

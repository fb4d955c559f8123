"""Patterns over axis values: globs, and version ranges in packaging's syntax."""

import re
from collections.abc import Callable, Mapping
from fnmatch import translate
from functools import cache, lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

Predicate = Callable[[str], bool]
_VERSIONED = frozenset({"cuda", "torch", "python"})
_OPERATORS = ("<", ">", "=", "!", "~")


@lru_cache(maxsize=4096)
def pattern(axis: str, text: str) -> Predicate:
    """The predicate that a pattern stands for.

    `>=12.8,<13` is a version range, on axes that hold versions; anything else is a glob: `13.*`, `ubuntu*`.
    Values that are no versions, such as `cpu`, are in no range.

    Raises:
        ValueError: when a range does not parse, or stands on an axis that has no versions.
    """
    if text.startswith(_OPERATORS):
        if axis not in _VERSIONED:
            raise ValueError(f"`{text}` is a version range, and `{axis}` has no versions")
        try:
            return _in_range(SpecifierSet(text, prereleases=True))
        except InvalidSpecifier as error:
            raise ValueError(f"`{text}` is not a version range such as `>=12.8,<13`") from error
    compiled = re.compile(translate(text))
    return cache(lambda value: compiled.match(value) is not None)


def _in_range(specifier: SpecifierSet) -> Predicate:
    @cache
    def contains(value: str) -> bool:
        try:
            return Version(value) in specifier
        except InvalidVersion:
            return False

    return contains


def matches(patterns: Mapping[str, tuple[str, ...]], values: Mapping[str, str]) -> bool:
    """Whether, on every axis that is named, at least one pattern fits the value; a missing one is empty."""
    return all(
        any(pattern(axis, text)(values.get(axis, "")) for text in alternatives)
        for axis, alternatives in patterns.items()
    )

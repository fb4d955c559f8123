"""What installed Python packages ask of each other, without pip, which an image may well do without.

Versions are compared by their release numbers; that settles whatever a lock could get wrong.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterator

_REQUIREMENT = re.compile(
    r"\s*(?P<name>[\w.-]+)\s*(?:\[[^\]]*\])?\s*\(?(?P<wanted>[^;)]*)\)?\s*(?:;(?P<marker>.*))?"
)
_CLAUSE = re.compile(r"\s*(?P<operator>===|==|~=|!=|<=|>=|<|>)\s*(?P<version>[^\s,]+)\s*")


class Version(str):
    """A version in a marker: ordered by its numbers, not by its letters."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __lt__(self, other: str) -> bool:
        return _numbers(self) < _numbers(other)

    def __le__(self, other: str) -> bool:
        return _numbers(self) <= _numbers(other)

    def __gt__(self, other: str) -> bool:
        return _numbers(self) > _numbers(other)

    def __ge__(self, other: str) -> bool:
        return _numbers(self) >= _numbers(other)


def unmet() -> Iterator[str]:
    """Each requirement of an installed package that no installed package meets."""
    installed = {_plain(found.metadata["Name"]): found for found in importlib.metadata.distributions()}
    for name, distribution in sorted(installed.items()):
        for text in distribution.requires or ():
            requirement = _REQUIREMENT.fullmatch(text)
            if requirement is None or not applies(requirement["marker"]):
                continue
            found = installed.get(_plain(requirement["name"]))
            if found is None:
                yield f"{name} asks for {text.strip()}, which is not installed"
            elif not meets(found.version, requirement["wanted"]):
                yield f"{name} asks for {text.strip()}, and {found.version} is installed"


def applies(marker: str | None) -> bool:
    """Whether an environment marker holds here, with no extra asked for."""
    if not marker:
        return True
    environment = {
        "extra": "",
        "implementation_name": sys.implementation.name,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_system": platform.system(),
        "python_full_version": Version(platform.python_version()),
        "python_version": Version(".".join(platform.python_version_tuple()[:2])),
        "sys_platform": sys.platform,
    }
    # PEP 508 markers are Python expressions of these names and of texts, and the image deceives only itself.
    return bool(eval(marker.strip(), {"__builtins__": {}}, environment))  # noqa: S307


def meets(version: str, wanted: str) -> bool:
    """Whether a version is within a specifier such as `>=1.2,!=1.3.*`."""
    return all(_holds(version, clause["operator"], clause["version"]) for clause in _CLAUSE.finditer(wanted))


def _holds(version: str, operator: str, wanted: str) -> bool:
    parts = _numbers(wanted)
    prefix = parts[:-1] if operator == "~=" else parts
    ours, theirs = _padded(_numbers(version), parts), _padded(parts, _numbers(version))
    begins = ours[: len(prefix)] == prefix
    same = begins if wanted.endswith(".*") else ours == theirs
    return {
        "===": version == wanted,
        "==": same,
        "!=": not same,
        "<=": ours <= theirs,
        ">=": ours >= theirs,
        "<": ours < theirs,
        ">": ours > theirs,
        "~=": ours >= theirs and begins,
    }[operator]


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", version.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _padded(numbers: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return numbers + (0,) * (len(other) - len(numbers))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

"""An environment file as its author wrote it: dependencies and channels with their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from builder.matrix.text import document
from builder.matrix.text.document import Document, Problem
from builder.model.location import Location

# A package by name, then what conda allows without quotes or brackets: a version constraint and a build.
_DEPENDENCY = re.compile(
    r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)(?P<rest>\s*[=<>!~ ][A-Za-z0-9_.*+!=<>|,~ ]*)?"
)
_CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_KEYS = ("name", "channels", "dependencies")
# Says that no other channels are meant; here none ever are.
_NODEFAULTS = "nodefaults"
_FIX_KEY = f"Keep to {', '.join(_KEYS)}; variables belong into an app's Dockerfile."
_FIX_PIP = "Name its conda package, or install it with pip in an app that is built over this image."
_FIX_SPEC = "Write `numpy`, `numpy=2.1`, `numpy>=2,<3` or `numpy=2.1=py312*`."
_FIX_CHANNEL = "Write a channel's name, such as `conda-forge`; CONDA_CHANNEL_ALIAS says where channels are."


@dataclass(frozen=True, slots=True)
class Dependency:
    """One line of `dependencies`: a package's name, and what follows it."""

    text: str
    name: str
    constraint: str
    where: Location


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """What a file asks for, and what is wrong with it."""

    channels: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    problems: tuple[Problem, ...] = ()


NO_FILE = EnvironmentFile()


def parse(content: bytes, file: str) -> EnvironmentFile:
    """Read an environment file; all that is wrong with it is in `problems`."""
    read = document.parse(content, file)
    if not isinstance(read.data, dict):
        problem = Problem("it is no environment file", "Start with `dependencies:`.", read.locate(()))
        return EnvironmentFile(problems=read.problems or (problem,))
    unknown = (key for key in read.data if key not in _KEYS)
    problems = [Problem(f"`{key}` is not supported", _FIX_KEY, read.locate_key((key,))) for key in unknown]
    channels = tuple(_channels(read, problems))
    dependencies = tuple(_dependencies(read, problems))
    return EnvironmentFile(channels, dependencies, (*read.problems, *problems))


def _channels(read: Document, problems: list[Problem]) -> Iterator[str]:
    for entry, where in _entries(read, "channels", problems):
        if not isinstance(entry, str) or not _CHANNEL.fullmatch(entry):
            problems.append(Problem(f"`{entry}` is no channel", _FIX_CHANNEL, where))
        elif entry != _NODEFAULTS:
            yield entry


def _dependencies(read: Document, problems: list[Problem]) -> Iterator[Dependency]:
    for entry, where in _entries(read, "dependencies", problems):
        match entry:
            case {"pip": _}:
                problems.append(Problem("packages of pip's are not locked here", _FIX_PIP, where))
            case str() if found := _DEPENDENCY.fullmatch(entry.strip()):
                yield Dependency(entry.strip(), found["name"].lower(), (found["rest"] or "").strip(), where)
            case _:
                problems.append(Problem(f"`{entry}` is no dependency", _FIX_SPEC, where))


def _entries(read: Document, key: str, problems: list[Problem]) -> Iterator[tuple[Any, Location]]:
    value = read.data.get(key) or []
    if not isinstance(value, list):
        fix = f"Write `{key}:`, and below it a line for each."
        problems.append(Problem(f"`{key}` is no list", fix, read.locate((key,))))
        return
    for i, entry in enumerate(value):
        yield entry, read.locate((key, i))

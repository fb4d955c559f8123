"""What a plan says, for people and for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from builder.report import markdown
from builder.report.table import table

_HEADER = ("target", "platform", "build", "test", "why")


@dataclass(frozen=True, slots=True)
class Line:
    """A step in words: `build` or `unchanged`, `test` or nothing, and the inputs that changed."""

    target: str
    platform: str
    build: str
    test: str
    digest: str
    why: tuple[str, ...]


def text(lines: Sequence[Line]) -> str:
    """A table, with the reasons of what is to be built, and the sums."""
    rows = [(line.target, line.platform, line.build, line.test, _reasons(line)) for line in lines]
    return f"{table(_HEADER, rows)}\n{_sums(lines)}"


def as_markdown(lines: Sequence[Line]) -> str:
    """The sums, and a table of what is to be done."""
    waiting = [line for line in lines if (line.build, line.test) != ("unchanged", "passed")]
    rows = [
        (markdown.code(line.target), line.platform, line.build, line.test, _reasons(line)) for line in waiting
    ]
    return f"{_sums(lines)}\n" + (f"\n{markdown.table(_HEADER, rows)}" if rows else "")


def as_json(lines: Sequence[Line]) -> str:
    """A JSON array of steps."""
    fields = ("target", "platform", "build", "test", "digest", "why")
    return json.dumps([{name: getattr(line, name) for name in fields} for line in lines], indent=2)


FORMATTERS: Mapping[str, Callable[[Sequence[Line]], str]] = {
    "text": text,
    "markdown": as_markdown,
    "json": as_json,
}


def _sums(lines: Sequence[Line]) -> str:
    builds = sum(line.build == "build" for line in lines)
    tests = sum(line.test == "test" for line in lines)
    return f"{len(lines)} images: {builds} to build, {tests} to test"


def _reasons(line: Line, most: int = 3) -> str:
    rest = f"; {len(line.why) - most} more" if len(line.why) > most else ""
    return "; ".join(line.why[:most]) + rest

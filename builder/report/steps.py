"""What a plan says, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from builder.report.table import table


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
    builds = sum(line.build == "build" for line in lines)
    tests = sum(line.test == "test" for line in lines)
    total = f"{len(lines)} images: {builds} to build, {tests} to test"
    return f"{table(('target', 'platform', 'build', 'test', 'why'), rows)}\n{total}"


def as_json(lines: Sequence[Line]) -> str:
    """A JSON array of steps."""
    fields = ("target", "platform", "build", "test", "digest", "why")
    return json.dumps([{name: getattr(line, name) for name in fields} for line in lines], indent=2)


def _reasons(line: Line, most: int = 3) -> str:
    rest = f"; {len(line.why) - most} more" if len(line.why) > most else ""
    return "; ".join(line.why[:most]) + rest

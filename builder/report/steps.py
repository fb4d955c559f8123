"""What a plan says, for people and for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from builder.matrix.drift import shown
from builder.report import markdown
from builder.report.table import table

_TAKEN = "its release tags are other images, and never move: `lock --update` on a later day makes new ones"
_HEADER = ("target", "platform", "build", "test", "release", "why")


@dataclass(frozen=True, slots=True)
class Line:
    """A step in words: `build` or `unchanged`, `test` or `passed`, what a release finds, and the reasons.

    `drift` are the parts of CUDA that are not those of what the image is built on.
    """

    target: str
    platform: str
    build: str
    test: str
    release: str
    digest: str
    why: tuple[str, ...]
    drift: tuple[str, ...] = ()


def text(lines: Sequence[Line]) -> str:
    """A table, with the reasons of what is to be built, and the sums."""
    rows = [_row(line) for line in lines]
    return f"{table(_HEADER, rows)}\n{_sums(lines)}"


def as_markdown(lines: Sequence[Line]) -> str:
    """The sums, and a table of what is to be done."""
    waiting = [
        line
        for line in lines
        if (line.build, line.test, line.release) != ("unchanged", "passed", "unchanged")
    ]
    rows = [(markdown.code(target), *rest) for target, *rest in map(_row, waiting)]
    return f"{_sums(lines)}\n" + (f"\n{markdown.table(_HEADER, rows)}" if rows else "")


def as_json(lines: Sequence[Line]) -> str:
    """A JSON array of steps."""
    fields = ("target", "platform", "build", "test", "release", "digest", "why", "drift")
    return json.dumps([{name: getattr(line, name) for name in fields} for line in lines], indent=2)


FORMATTERS: Mapping[str, Callable[[Sequence[Line]], str]] = {
    "text": text,
    "markdown": as_markdown,
    "json": as_json,
}


def _row(line: Line) -> tuple[str, ...]:
    return (line.target, line.platform, line.build, line.test, line.release, _reasons(line))


def _sums(lines: Sequence[Line]) -> str:
    builds = sum(line.build == "build" for line in lines)
    tests = sum(line.test == "test" for line in lines)
    releases = len({line.target for line in lines if line.release == "publish"})
    done = f"{len(lines)} images: {builds} to build, {tests} to test; {releases} targets to publish"
    taken = sorted({line.target for line in lines if line.release == "taken"})
    return "\n".join([done, *(f"{target}: {_TAKEN}" for target in taken)])


def _reasons(line: Line, most: int = 3) -> str:
    why = (*((shown(line.drift),) if line.drift else ()), *line.why)
    rest = f"; {len(why) - most} more" if len(why) > most else ""
    return "; ".join(why[:most]) + rest

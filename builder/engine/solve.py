"""Follows one solve through BuildKit's `--progress=rawjson`, one JSON object a line."""

import base64
import json
import textwrap
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from builder.model.outcome import BuildStep
from builder.model.progress import Progress

KEPT_LINES = 20
_KEPT_CHARACTERS = 16_384
_INTERNAL = "[internal]"
# A cache that cannot be read or written fails no build.
_CACHE = ("importing cache manifest", "exporting cache")


@dataclass(slots=True)
class _Vertex:
    name: str
    started: bool = False
    completed: bool = False
    error: str = ""
    cached: bool = False
    log: str = ""
    # BuildKit begins a vertex several times: to look into the cache, to load what it found, to run.
    spans: dict[str, str] = field(default_factory=dict)
    moved: dict[str, tuple[int, int]] = field(default_factory=dict)


class Solve:
    """The state of a solve, line by line. Lines that are no JSON are what the tool itself has to say."""

    def __init__(self, build: str) -> None:
        self.build = build
        self.said: deque[str] = deque(maxlen=KEPT_LINES)
        self._vertices: dict[str, _Vertex] = {}

    def feed(self, line: str) -> bool:
        """Take a line; whether it told something new about the steps."""
        try:
            status = json.loads(line)
        except ValueError:
            if line.strip():
                self.said.append(line.rstrip())
            return False
        if not isinstance(status, dict):
            return False
        for vertex in status.get("vertexes") or ():
            self._vertex(vertex)
        for entry in status.get("statuses") or ():
            if vertex := self._vertices.get(entry.get("vertex", "")):
                vertex.moved[entry["id"]] = (entry.get("current", 0), entry.get("total", 0))
        for log in status.get("logs") or ():
            self._log(log)
        return True

    def progress(self) -> Progress:
        """How far it is."""
        steps = [vertex for vertex in self._vertices.values() if not vertex.name.startswith(_INTERNAL)]
        running = [_title(vertex.name) for vertex in steps if vertex.started and not vertex.completed]
        moved = [pair for vertex in steps for pair in vertex.moved.values()]
        return Progress(
            self.build,
            sum(vertex.completed for vertex in steps),
            len(steps),
            sum(current for current, _ in moved),
            sum(max(total, current) for current, total in moved),
            running[-1] if running else "",
        )

    def steps(self) -> tuple[BuildStep, ...]:
        """What was done, as far as it ended."""
        ended = [it for it in self._vertices.values() if it.spans and not it.name.startswith(_INTERNAL)]
        return tuple(
            BuildStep(_title(it.name), round(_seconds(it.spans), 3), it.cached)
            for it in sorted(ended, key=lambda it: min(it.spans))
        )

    def failure(self) -> tuple[str, str, tuple[str, ...]]:
        """The step that failed, its error, and its last lines; empty where no step did."""
        # Steps that were cancelled because another failed carry an error too; the first other is the cause.
        failed = [it for it in self._vertices.values() if it.error and not it.name.startswith(_CACHE)]
        real = [vertex for vertex in failed if "context canceled" not in vertex.error] or failed
        if not real:
            return "", "", tuple(self.said)
        return _title(real[0].name), real[0].error, _lines(real[0].log)

    def _vertex(self, data: Mapping[str, Any]) -> None:
        vertex = self._vertices.setdefault(data["digest"], _Vertex(data.get("name", "")))
        vertex.started = vertex.started or bool(data.get("started"))
        vertex.completed = bool(data.get("completed"))
        vertex.error = data.get("error") or vertex.error
        vertex.cached = vertex.cached or bool(data.get("cached"))
        if data.get("started") and data.get("completed"):
            vertex.spans[data["started"]] = data["completed"]

    def _log(self, data: Mapping[str, Any]) -> None:
        if vertex := self._vertices.get(data.get("vertex", "")):
            text = base64.b64decode(data.get("data") or "").decode(errors="replace")
            # Chunks end anywhere, also within a line: only the end of the whole is worth keeping.
            vertex.log = (vertex.log + text)[-_KEPT_CHARACTERS:]


def _seconds(spans: Mapping[str, str]) -> float:
    return sum(
        (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
        for begin, end in spans.items()
    )


def _lines(log: str) -> tuple[str, ...]:
    lines = [line for line in log.replace("\r", "\n").split("\n") if line.strip()]
    return tuple(lines[-KEPT_LINES:])


def _title(step: str) -> str:
    """`[cuda 2/2] RUN sh install…`: a step's name without its mounts, short enough for a line."""
    words = [word for word in step.split() if not word.startswith("--mount=")]
    return textwrap.shorten(" ".join(words), 100, placeholder="…")

"""Runs lanes of checks side by side, so that a crash or a hang costs one check and not the report."""

from __future__ import annotations

import os
import select
import signal
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from builder.smoke.probes.check import Check
from builder.smoke.probes.frames import frames
from builder.smoke.probes.promise import Promise
from builder.smoke.probes.worker import start

_TICK = 0.05
_NOISE = 600

Result = dict[str, Any]


class Lane:
    """The checks of one process. A new process takes over where one ended early, or lost its CUDA context."""

    def __init__(self, checks: list[Check], promise: Promise, patience: float) -> None:
        self._left = deque(checks)
        self._promise = promise
        self._patience = patience
        self._begin()

    def _begin(self) -> None:
        self._worker = start(list(self._left), self._promise)
        self._since = time.monotonic()
        self._spent = False
        self._buffer = b""
        self._noise = b""

    @property
    def running(self) -> bool:
        """Whether checks are left."""
        return bool(self._left)

    @property
    def pipes(self) -> tuple[int, int]:
        """What to wait for."""
        return self._worker.results, self._worker.noise

    def step(self) -> Iterator[Result]:
        """Take what came since the last step; see after a process that is gone, or that takes too long."""
        status = self._worker.poll()
        yield from self._take()
        if not self._left:
            self._worker.end()
        elif self._spent:
            self._worker.end()
            self._begin()
        elif status is not None:
            yield self._replace(f"the process {_death(status)}")
        elif time.monotonic() - self._since > self._left[0].limit * self._patience:
            yield self._replace(f"no answer within {self._left[0].limit * self._patience:g} s")

    def give_up(self, why: str) -> Iterator[Result]:
        """Fail everything that is left."""
        self._worker.end()
        while self._left:
            yield self._fail(why)

    def _take(self) -> Iterator[Result]:
        self._noise = (self._noise + self._worker.read(self._worker.noise))[-_NOISE:]
        complete, newline, self._buffer = (self._buffer + self._worker.read(self._worker.results)).rpartition(
            b"\n"
        )
        for message in frames(complete + newline):
            self._since = time.monotonic()
            if self._left and message.get("done") == self._left[0].id:
                self._left.popleft()
                self._spent = bool(message.pop("spent", False))
                yield message

    def _replace(self, why: str) -> Result:
        self._worker.end()
        result = self._fail(why)
        if self._left:
            self._begin()
        return result

    def _fail(self, why: str) -> Result:
        last = self._noise.decode("utf-8", "replace").strip()
        return {
            "done": self._left.popleft().id,
            "status": "failed",
            "detail": f"{why}; last words: {last}" if last else why,
            "milliseconds": round((time.monotonic() - self._since) * 1000),
            "facts": {},
        }


def supervise(checks: list[Check], promise: Promise, *, seconds: float, patience: float) -> Iterator[Result]:
    """Make the checks and give each result as it comes, within `seconds` in all.

    `patience` multiplies the time limit of each check: emulation is slow.
    """
    deadline = time.monotonic() + seconds
    names = dict.fromkeys(check.lane for check in checks)
    lanes = [Lane([check for check in checks if check.lane == name], promise, patience) for name in names]
    while running := [lane for lane in lanes if lane.running]:
        select.select([pipe for lane in running for pipe in lane.pipes], [], [], _TICK)
        late = time.monotonic() > deadline
        for lane in running:
            yield from lane.give_up(f"the whole test took more than {seconds:g} s") if late else lane.step()


def _death(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"died of signal {number} ({signal.strsignal(number)})"
    return f"exited with {os.WEXITSTATUS(status)}"

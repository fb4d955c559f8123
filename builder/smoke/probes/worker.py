"""A child process that makes checks one after the other and says so on a pipe."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import traceback
from typing import Any, NoReturn

from builder.smoke.probes.check import Check, Failed, Skipped
from builder.smoke.probes.frames import frame
from builder.smoke.probes.promise import Facts, Promise

_DETAIL = 2000
_CONTEXT_LOST = "CUDA error"


class Worker:
    """A running child, the leader of its process group, and our ends of its pipes."""

    def __init__(self, pid: int, results: int, noise: int) -> None:
        self.results = results
        self.noise = noise
        self._pid = pid
        self._status: int | None = None
        for pipe in (results, noise):
            os.set_blocking(pipe, False)

    def poll(self) -> int | None:
        """Its wait status once it is gone."""
        if self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._status = status if pid else None
        return self._status

    def read(self, pipe: int) -> bytes:
        """What is on one of its pipes now."""
        content = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(pipe, 1 << 16):
                content += part
        return content

    def end(self) -> None:
        """End it and whatever it started, and let go of its pipes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        if self._status is None:
            os.waitpid(self._pid, 0)
        os.close(self.results)
        os.close(self.noise)


def start(checks: list[Check], promise: Promise) -> Worker:
    """Fork a child that makes these checks."""
    results, results_end = os.pipe()
    noise, noise_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(checks, promise, results_end, noise_end)
    os.close(results_end)
    os.close(noise_end)
    with contextlib.suppress(OSError):  # the child was quicker
        os.setpgid(pid, pid)
    return Worker(pid, results, noise)


def _child(checks: list[Check], promise: Promise, results: int, noise: int) -> NoReturn:
    try:
        os.setpgid(0, 0)
        os.dup2(noise, 1)
        os.dup2(noise, 2)
        for check in checks:
            os.write(results, frame({"start": check.id}))
            result = outcome(check, promise)
            os.write(results, frame(result))
            if result["spent"]:
                break
    finally:
        os._exit(0)  # the supervisor's exit handlers are not the child's


def outcome(check: Check, promise: Promise) -> dict[str, Any]:
    """Make one check in this process."""
    facts: Facts = {}
    begin = time.monotonic()
    try:
        status, detail = "passed", check.run(promise, facts)
    except Failed as failure:
        status, detail = "failed", str(failure)
    except Skipped as reason:
        status, detail = "skipped", str(reason)
    except BaseException as error:  # whatever an image raises is that check's failure
        status, detail = "failed", _describe(error)
    return {
        "done": check.id,
        "status": status,
        "detail": detail[:_DETAIL],
        # A CUDA context that met with an error answers everything after it with the same one.
        "spent": status == "failed" and _CONTEXT_LOST in detail,
        "milliseconds": round((time.monotonic() - begin) * 1000),
        "facts": facts,
    }


def _describe(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"

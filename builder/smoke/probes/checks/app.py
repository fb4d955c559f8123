"""An app's own test."""

from __future__ import annotations

import os
import subprocess

from builder.smoke.probes.check import Check, Failed, check
from builder.smoke.probes.promise import Facts, Promise

# More than any app may ask for: the command has its own limit, and its output then says how far it got.
_LIMIT = 3600
_TAIL = 1500


@check(
    "app.test",
    "the app's own test command succeeds",
    lane="app",
    limit=_LIMIT,
    wanted=lambda promise: bool(promise.command),
)
def test(promise: Promise, _facts: Facts) -> str:
    """Runs the command; SMOKE_LEVEL tells it whether there has to be a GPU."""
    seconds = promise.seconds * float(os.environ.get("PROBE_PATIENCE", "1"))
    try:
        done = subprocess.run(
            promise.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SMOKE_LEVEL": "gpu" if promise.gpu else "cpu"},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"it took more than {seconds:g} s{_last(late.stdout)}") from late
    except OSError as error:
        raise Failed(f"{promise.command[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        raise Failed(f"exit {done.returncode}{_last(done.stdout)}")
    return done.stdout.decode("utf-8", "replace").strip()[-_TAIL:]


def _last(output: bytes | None) -> str:
    words = (output or b"").decode("utf-8", "replace").strip()[-_TAIL:]
    return f"; last words: {words}" if words else ""


CHECKS: tuple[Check, ...] = (test,)

"""Programs that run beside a test and end with it."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_SECONDS = 20.0


def program(name: str) -> str:
    """Where a program is. A test that needs it fails without it: a skip would look like a pass."""
    found = shutil.which(name)
    if found is None:
        raise AssertionError(f"{name} is not on PATH; `scripts/engine up` installs it")
    return found


@contextmanager
def running(command: Sequence[str], log: Path, ready: Callable[[str], T | None]) -> Iterator[T]:
    """Run a program until the block ends; `ready` finds in its output what the block gets."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [program(command[0]), *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _wait(process, log, ready)
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", log: Path, ready: Callable[[str], T | None]) -> T:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = ready(log.read_text())
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")

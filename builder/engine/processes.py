"""Programs that this one starts, none of which goes on when it ends."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from builder.engine.interrupt import interruptible
from builder.model.errors import BuilderError, ExitCode

Words = Sequence[str | Path]
# So many words say which program it is.
_NAMED = 3


@contextlib.contextmanager
def started(command: Words, environment: Mapping[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """A program whose output, of both kinds, is to be read as text while the block runs."""
    with (
        _program(command, environment, subprocess.STDOUT) as process,
        _ended(process),
    ):
        yield process


def run(
    command: Words, *, seconds: float | None = None, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end, whatever its exit code.

    Raises:
        BuilderError: (10) when it has not ended after so many seconds; it is ended then.
    """
    with (
        _program(command, environment, subprocess.PIPE) as process,
        _ended(process),
    ):
        try:
            output, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise BuilderError(
                ExitCode.TOOL_MISSING,
                f"`{' '.join(map(str, command[:_NAMED]))}` has not ended in {seconds:.0f} s",
                fix="See whether it does by itself, and what it waits for.",
            ) from error
    return subprocess.CompletedProcess(command, process.returncode, output, said)


def _program(command: Words, environment: Mapping[str, str] | None, said: int) -> "subprocess.Popen[str]":
    """A program in a process group of its own; `said` is where its errors go."""
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
        errors="replace",
        process_group=0,
    )


@contextlib.contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Have the program end where the block is left early, or the run is interrupted."""

    def end() -> None:
        # The group is of the program's own making: Docker may not pass signals on to its plugins.
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)

    try:
        with interruptible(end):
            yield
    except BaseException:
        end()
        raise

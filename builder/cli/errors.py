"""The one place that prints errors: what happened, where, what to do next."""

import contextlib
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

from builder import __version__
from builder.model.errors import BuilderError, ExitCode, MatrixError


def report_error(error: BuilderError) -> int:
    """Print an expected error; returns its exit code."""
    if isinstance(error, MatrixError):
        from builder.report.findings import text

        _say(text(error.findings))
        return error.code
    _say(f"error: {error.what}")
    if error.where:
        _say(f"  where: {error.where}")
    _say(f"  next:  {error.fix}")
    return error.code


def report_interrupt() -> int:
    """Print that the user ended the run."""
    _say("interrupted; run the same command again to finish what is left")
    return ExitCode.INTERRUPTED


def report_bug(error: Exception, arguments: Sequence[str]) -> int:
    """Write a crash log that can be pasted into an issue, and say where; returns 70.

    Click's own errors, about flags and arguments, are the user's and not ours.
    """
    if shown := getattr(error, "format_message", None):
        _say(f"error: {shown()}")
        _say("  next:  see --help of the command")
        return int(getattr(error, "exit_code", ExitCode.MATRIX))
    lines = [
        f"cuda-image-builder {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {arguments[0] if arguments else ''}",
        "".join(traceback.format_exception(error)),
    ]
    handle, name = tempfile.mkstemp(prefix="cuda-image-builder-crash-", suffix=".log")
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines))
    _say(f"error: this is a bug: {type(error).__name__}: {error}")
    _say(f"  where: {name}")
    _say("  next:  please report it with that file")
    return ExitCode.BUG


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(text, file=sys.stderr)

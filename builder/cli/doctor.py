"""The command `doctor`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption
from builder.model.errors import ExitCode


class Work(StrEnum):
    """What has to work for exit code 0."""

    ALL = "all"
    BAKE = "bake"
    SMOKE = "smoke"
    RELEASE = "release"


def command(
    file: File = MATRIX,
    work: Annotated[Work, typer.Option("--for", help="What somebody wants to do here.")] = Work.ALL,
    output: FormatOption = Format.TEXT,
) -> int:
    """Say what this machine has and lacks for the work, each with the command that mends it."""
    from builder.doctor.check import sound
    from builder.doctor.observation import Job
    from builder.pipeline.doctor import examine_host
    from builder.report import doctor as report

    jobs = frozenset(Job) if work is Work.ALL else frozenset((Job(work),))
    observations = examine_host(file, datetime.now(UTC).date())
    write = report.as_json if output is Format.JSON else report.text
    typer.echo(write(observations, jobs))
    return ExitCode.DONE if sound(observations, jobs) else ExitCode.FINDINGS


command.__name__ = "doctor"

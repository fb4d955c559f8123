"""The command `doctor`."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
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
    image: Annotated[
        str | None,
        typer.Argument(metavar="[IMAGE]", help="Say why CUDA is not available in this image."),
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="IMAGE is the name of a running container.")
    ] = False,
    file: File = MATRIX,
    work: Annotated[Work, typer.Option("--for", help="What somebody wants to do here.")] = Work.ALL,
    output: FormatOption = Format.TEXT,
) -> int:
    """Say what this machine, or an image on it, has and lacks, each with the command that mends it."""
    if image is None and running:
        raise typer.BadParameter("--running needs the name of a container")
    return _host(file, work, output) if image is None else _image(image, output, running=running)


def _host(file: Path, work: Work, output: Format) -> int:
    from builder.doctor.check import sound
    from builder.doctor.observation import Job
    from builder.pipeline.doctor import examine_host
    from builder.report import doctor as report

    jobs = frozenset(Job) if work is Work.ALL else frozenset((Job(work),))
    observations = examine_host(file, datetime.now(UTC).date())
    write = report.as_json if output is Format.JSON else report.text
    typer.echo(write(observations, jobs))
    return ExitCode.DONE if sound(observations, jobs) else ExitCode.FINDINGS


def _image(image: str, output: Format, *, running: bool) -> int:
    from builder.pipeline.examine import examine
    from builder.report import diagnosis as report

    found = examine(image, running=running)
    write = report.as_json if output is Format.JSON else report.text
    typer.echo(write(image, found))
    return ExitCode.FINDINGS if found.ailment else ExitCode.DONE


command.__name__ = "doctor"

"""The command `changelog`."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from builder.cli.options import MATRIX, File
from builder.model.errors import ExitCode


class ChangelogFormat(StrEnum):
    """How a changelog is written."""

    MARKDOWN = "markdown"
    JSON = "json"


def command(
    after: Annotated[
        str, typer.Argument(metavar="[RELEASE]", show_default="the newest", help="Up to this release.")
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="RELEASE", show_default="the one before", help="From this one on.")
    ] = "",
    file: File = MATRIX,
    output: Annotated[
        ChangelogFormat, typer.Option("--format", help="How to report.")
    ] = ChangelogFormat.MARKDOWN,
) -> int:
    """Say what changed between two releases: targets, inputs, and packages added, removed and changed."""
    from builder.model.reference import Repository
    from builder.pipeline.changelog import changelog
    from builder.pipeline.inputs.project import read
    from builder.registry.client import Registry
    from builder.report import changelog as report

    matrix = read(file, datetime.now(UTC).date()).matrix
    with Registry() as registry:
        found = changelog(registry, Repository.parse(matrix.release), since, after)
    written = report.markdown(found)
    typer.echo(json.dumps(report.data(found), indent=2) if output is ChangelogFormat.JSON else written)
    return ExitCode.DONE


command.__name__ = "changelog"

"""The command `check`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from builder.cli.options import MATRIX, File
from builder.model.errors import MatrixError


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def command(
    file: File = MATRIX,
    output: Annotated[CheckFormat, typer.Option("--format", help="How to report.")] = CheckFormat.TEXT,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no registry: schema, rules and tables only.")
    ] = False,
) -> int:
    """Check the matrix: schema, rules and tags, all findings at once."""
    if offline:
        from builder.pipeline.check_offline import check_offline as check
    else:
        from builder.pipeline.check import check
    from builder.report.findings import FORMATTERS

    try:
        report = check(file, datetime.now(UTC).date())
        findings, code = report.findings, report.code
    except MatrixError as refused:
        findings, code = refused.findings, refused.code
    if text := FORMATTERS[output](findings):
        typer.echo(text)
    return code


command.__name__ = "check"

"""The command `check`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from builder.cli.options import MATRIX, File
from builder.model.errors import ExitCode, MatrixError
from builder.model.finding import Severity


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def command(
    file: File = MATRIX,
    output: Annotated[CheckFormat, typer.Option("--format", help="How to report.")] = CheckFormat.TEXT,
    offline: Annotated[  # noqa: ARG001  no rule asks a registry yet
        bool, typer.Option("--offline", help="Ask no registry: schema, rules and tables only.")
    ] = False,
) -> int:
    """Check the matrix: schema, rules and tags, all findings at once."""
    from builder.pipeline.project import read
    from builder.report.findings import FORMATTERS

    try:
        findings = read(file, datetime.now(UTC).date()).findings
        code = ExitCode.FINDINGS
    except MatrixError as refused:
        findings, code = refused.findings, refused.code
    if text := FORMATTERS[output](findings):
        typer.echo(text)
    return code if any(finding.severity is Severity.ERROR for finding in findings) else ExitCode.DONE


command.__name__ = "check"

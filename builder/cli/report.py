"""The command `report`."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, Selectors, selection
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from builder.report.family.values import Family


class ReportFormat(StrEnum):
    """How the family is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: Annotated[ReportFormat, typer.Option("--format", help="How to report.")] = ReportFormat.TEXT,
    site: Annotated[Path | None, typer.Option(help="Write the family's web site into this folder.")] = None,
    history: Annotated[int, typer.Option(min=1, max=100, help="So many releases of the past.")] = 10,
) -> int:
    """Show what exists of the family, since when, and tested on what."""
    from builder.model.reference import Repository
    from builder.pipeline.inputs.prepare import prepare
    from builder.pipeline.report import collect
    from builder.registry.client import Registry

    now = datetime.now(UTC)
    work = prepare(file, selection(selectors), now.date())
    with Registry() as registry:
        release = Repository.parse(work.project.matrix.release)
        family = collect(registry, release, now, work=work, history=history)
    typer.echo(_written(family, output))
    if site:
        from builder.pipeline.pages import write
        from builder.report.site.pages import MARK, pages

        write(pages(family), MARK, site)
    return ExitCode.DONE


def _written(family: "Family", output: ReportFormat) -> str:
    from builder.report.family.data import data
    from builder.report.family.text import markdown, text

    match output:
        case ReportFormat.TEXT:
            return text(family)
        case ReportFormat.MARKDOWN:
            return markdown(family)
        case ReportFormat.JSON:
            return json.dumps(data(family), indent=2)


command.__name__ = "report"

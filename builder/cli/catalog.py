"""The command `catalog`."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from builder.report.catalog import Catalog


class CatalogFormat(StrEnum):
    """How the catalogue is written; `hub` is Markdown as long as Docker Hub takes it."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HUB = "hub"


def command(
    file: File = MATRIX,
    output: Annotated[
        CatalogFormat, typer.Option("--format", help="How to report; hub: what fits on Docker Hub's page.")
    ] = CatalogFormat.TEXT,
) -> int:
    """List every released tag: size, digest, driver, GPUs, where it was tested, until when it lives."""
    from builder.model.reference import Repository
    from builder.pipeline.catalog import catalog
    from builder.pipeline.inputs.project import read
    from builder.registry.client import Registry

    matrix = read(file, datetime.now(UTC).date()).matrix
    with Registry() as registry:
        found = catalog(registry, Repository.parse(matrix.release))
    typer.echo(_written(found, output).rstrip("\n"))
    return ExitCode.DONE


def _written(found: "Catalog", output: CatalogFormat) -> str:
    from builder.report import catalog as report

    match output:
        case CatalogFormat.TEXT:
            return report.text(found)
        case CatalogFormat.JSON:
            return json.dumps(report.data(found), indent=2)
        case CatalogFormat.MARKDOWN:
            return report.markdown(found)
        case CatalogFormat.HUB:
            return report.markdown(found, report.HUB_LIMIT)


command.__name__ = "catalog"

"""The command `export`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, Selectors
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from builder.report.export.image import File as Written


class Kind(StrEnum):
    """What is written."""

    AZUREML = "azureml"
    DEVCONTAINER = "devcontainer"
    KUBERNETES = "kubernetes"


def command(
    kind: Annotated[Kind, typer.Argument(help="What to write.")],
    selectors: Selectors = None,
    file: File = MATRIX,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A folder for the files; else all is printed."),
    ] = None,
) -> int:
    """Write what runs a released image: an Azure ML environment, a dev container, or a Kubernetes pod."""
    from builder.pipeline.export import collect
    from builder.registry.client import Registry
    from builder.report.export import azureml, devcontainer, kubernetes

    with Registry() as registry:
        found = collect(registry, file, selectors or [], datetime.now(UTC).date())
    writers = {
        Kind.AZUREML: azureml.write,
        Kind.DEVCONTAINER: devcontainer.write,
        Kind.KUBERNETES: kubernetes.write,
    }
    written = [file for image in found.images for file in writers[kind](image)]
    for note in found.notes:
        typer.echo(note, err=True)
    if output:
        _save(output, written)
    else:
        _print(written, kind)
    return ExitCode.DONE


def _save(folder: Path, written: Sequence["Written"]) -> None:
    for one in written:
        path = folder / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.text)
        typer.echo(path)


def _print(written: Sequence["Written"], kind: Kind) -> None:
    """YAML has separators for documents; of other files there can be one."""
    if kind is Kind.DEVCONTAINER and len(written) > 1:
        raise typer.BadParameter(f"these are {len(written)} files: give --output")
    typer.echo("---\n".join(one.text for one in written), nl=False)


command.__name__ = "export"

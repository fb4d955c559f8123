"""The command `which`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption, Selectors
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from builder.pipeline.which import Answer
    from builder.report.which import Fit


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    gpu: Annotated[str | None, typer.Option(help="A GPU by name or capability: V100, sm_86.")] = None,
    driver: Annotated[str | None, typer.Option(help="The driver's version: 535.161.08.")] = None,
    host: Annotated[str | None, typer.Option(help="A cloud's size: azure:Standard_NC24ads_A100_v4.")] = None,
    platform: Annotated[str | None, typer.Option(help="Of --gpu, where it exists for several.")] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Say which images run on this machine, or on another, and why the others do not."""
    from builder.pipeline.inputs.project import read
    from builder.pipeline.which import answers, here, named
    from builder.report import which as report

    if gpu and host:
        raise typer.BadParameter("--gpu and --host name two machines; give one of them")
    machines = (named(gpu=gpu, driver=driver, host=host, platform=platform),) if gpu or host else here()
    found = answers(read(file, datetime.now(UTC).date()), machines, selectors or [])
    fits = [_fit(answer) for answer in found]
    shown = [f"{machine}{f'; {machine.gone}' if machine.gone else ''}" for machine in machines]
    write = report.as_json if output is Format.JSON else report.text
    typer.echo(write(shown, fits))
    return ExitCode.DONE if any(fit.fits for fit in fits) else ExitCode.FINDINGS


def _fit(answer: "Answer") -> "Fit":
    from builder.matrix.machines.runs import Breaks
    from builder.report.which import Fit

    verdict = answer.verdict
    if isinstance(verdict, Breaks):
        doubt = "" if verdict.sure else " (not checked)"
        why = f"{verdict.why}{doubt}"
        return Fit(answer.target, answer.tags, layer=str(verdict.layer), why=why, fix=verdict.fix)
    return Fit(
        answer.target,
        answer.tags,
        support=str(verdict.support or ""),
        coverage=str(verdict.coverage or ""),
        notes=verdict.notes,
    )


command.__name__ = "which"

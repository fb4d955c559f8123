"""The command `plan`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, PlatformOption, Selectors, ShardOption, selection
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from builder.pipeline.jobs import Runners
    from builder.pipeline.plan import Step
    from builder.pipeline.prepare import Work
    from builder.pipeline.prospects import Prospect

_LABELS = "PLATFORM=LABEL[,LABEL]"


class PlanFormat(StrEnum):
    """How a plan is written; `github` is job matrices for `$GITHUB_OUTPUT`."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: Annotated[
        PlanFormat, typer.Option("--format", help="How to report; github: job matrices.")
    ] = PlanFormat.TEXT,
    platform: PlatformOption = None,
    shard: ShardOption = None,
    runner: Annotated[
        list[str] | None, typer.Option(metavar=_LABELS, help="Labels of the runners that build, for github.")
    ] = None,
    gpu_runner: Annotated[
        list[str] | None, typer.Option(metavar=_LABELS, help="Labels of those that have a GPU, for github.")
    ] = None,
    max_jobs: Annotated[
        int, typer.Option(min=1, max=256, help="At most so many jobs that build, for github.")
    ] = 256,
    max_gpu_jobs: Annotated[
        int, typer.Option(min=1, max=256, help="At most so many jobs on a GPU, for github.")
    ] = 8,
) -> int:
    """Say what would be built, tested and published, and why."""
    from builder.pipeline.candidates import order
    from builder.pipeline.jobs import Runners
    from builder.pipeline.plan import plan
    from builder.pipeline.prepare import prepare
    from builder.pipeline.prospects import prospects
    from builder.registry.client import Registry

    if shard and output is PlanFormat.GITHUB:
        raise typer.BadParameter("job matrices cut the whole selection into shards; leave --shard out")
    hosted, own = Runners.hosted(runner or (), max_jobs), Runners.own(gpu_runner or (), max_gpu_jobs)
    now = datetime.now(UTC)
    work = prepare(file, selection(selectors, platform), now.date(), shard)
    with Registry() as registry:
        if output is PlanFormat.GITHUB:
            steps = plan(registry, work.builds, work.terms, explain=False)
            typer.echo(_jobs(work, steps, hosted, own))
        else:
            steps = plan(registry, work.builds, work.terms)
            found = prospects(registry, order(registry, work, now))
            typer.echo(_report(steps, found, output))
    return ExitCode.DONE


def _jobs(work: "Work", steps: "Sequence[Step]", hosted: "Runners", own: "Runners") -> str:
    from builder.pipeline.jobs import build_jobs, smoke_jobs
    from builder.report.jobs import github

    build = build_jobs(work.selected, steps, hosted)
    return github({"build": build, "smoke": smoke_jobs(work.selected, steps, own)})


def _report(steps: "Sequence[Step]", found: "Mapping[str, Prospect]", output: PlanFormat) -> str:
    from builder.report import steps as report

    lines = [
        report.Line(
            target=step.build.target,
            platform=str(step.cell.platform),
            build="unchanged" if step.staged else "build",
            test="passed" if step.tested else "test",
            release=found.get(step.build.target, ""),
            digest=str(step.staged or ""),
            why=step.why,
        )
        for step in steps
    ]
    return report.FORMATTERS[output](lines)


command.__name__ = "plan"

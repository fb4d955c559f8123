"""The command `plan`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import (
    MATRIX,
    File,
    GpuRunnerOption,
    PlatformOption,
    RunnerOption,
    Selectors,
    ShardOption,
    selection,
)
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from builder.model.platform import Platform
    from builder.pipeline.existing.prospects import Prospect
    from builder.pipeline.inputs.prepare import Work
    from builder.pipeline.jobs import Runners
    from builder.pipeline.staging.plan import Step
    from builder.report.jobs import Task


class PlanFormat(StrEnum):
    """How a plan is written; the last three are jobs, as a CI service takes them."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"
    GITLAB = "gitlab"
    AZURE = "azure"


_SERVICES = frozenset({PlanFormat.GITHUB, PlanFormat.GITLAB, PlanFormat.AZURE})


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: Annotated[
        PlanFormat, typer.Option("--format", help="How to report; github, gitlab, azure: as jobs.")
    ] = PlanFormat.TEXT,
    platform: PlatformOption = None,
    shard: ShardOption = None,
    runner: RunnerOption = None,
    gpu_runner: GpuRunnerOption = None,
    max_jobs: Annotated[int, typer.Option(min=1, max=256, help="At most so many jobs that build.")] = 256,
    max_gpu_jobs: Annotated[int, typer.Option(min=1, max=256, help="At most so many jobs on a GPU.")] = 8,
) -> int:
    """Say what would be built, tested and published, and why."""
    from builder.pipeline.existing.candidates import order
    from builder.pipeline.existing.drift import drifted
    from builder.pipeline.existing.prospects import prospects
    from builder.pipeline.inputs.prepare import prepare
    from builder.pipeline.staging.plan import plan
    from builder.registry.client import Registry
    from builder.report.jobs import Task

    if shard and output in _SERVICES:
        raise typer.BadParameter("jobs cut the whole selection into shards; leave --shard out")
    runners = _runners(output, runner or (), gpu_runner or (), max_jobs, max_gpu_jobs)
    now = datetime.now(UTC)
    words = tuple(selection(selectors, platform))
    work = prepare(file, words, now.date(), shard)
    with Registry() as registry:
        if runners:
            steps = plan(registry, work.builds, work.terms, explain=False)
            typer.echo(_jobs(work, steps, runners, output, Task(str(file), words)))
        else:
            steps = plan(registry, work.builds, work.terms)
            found = prospects(registry, order(registry, work, now))
            typer.echo(_report(steps, found, drifted(registry, steps, found), output))
    return ExitCode.DONE


def _runners(
    output: PlanFormat, build: "Sequence[str]", gpu: "Sequence[str]", most: int, most_gpu: int
) -> "tuple[Runners, Runners] | None":
    """The machines of a CI service that build, and those with a GPU; None where nobody asked for jobs."""
    from builder.pipeline.jobs import Runners, Service

    if output not in _SERVICES:
        return None
    service = Service(output)
    return Runners.hosted(build, most, service), Runners.own(gpu, most_gpu, service)


def _jobs(
    work: "Work",
    steps: "Sequence[Step]",
    runners: "tuple[Runners, Runners]",
    output: PlanFormat,
    task: "Task",
) -> str:
    from builder.pipeline.jobs import build_jobs, smoke_jobs
    from builder.report.azure import azure
    from builder.report.gitlab import gitlab
    from builder.report.jobs import github

    hosted, own = runners
    matrices = {
        "build": build_jobs(work.selected, steps, hosted),
        "smoke": smoke_jobs(work.selected, steps, own),
    }
    match output:
        case PlanFormat.GITLAB:
            return gitlab(matrices, task)
        case PlanFormat.AZURE:
            return azure(matrices)
        case _:
            return github(matrices)


def _report(
    steps: "Sequence[Step]",
    found: "Mapping[str, Prospect]",
    drift: "Mapping[tuple[str, Platform], tuple[str, ...]]",
    output: PlanFormat,
) -> str:
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
            drift=drift.get((step.build.target, step.cell.platform), ()),
        )
        for step in steps
    ]
    return report.FORMATTERS[output](lines)


command.__name__ = "plan"

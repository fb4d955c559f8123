"""The command `watch`."""

import json
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption, GpuRunnerOption, RunnerOption
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from builder.pipeline.watch import Report

_OF_PLAN = "Changes nothing here; taken so that one list of flags serves `plan` too."


def command(
    file: File = MATRIX,
    output: FormatOption = Format.TEXT,
    workflow: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A scheduled workflow; images.yml if none is named."),
    ] = None,
    runner: RunnerOption = None,
    gpu_runner: GpuRunnerOption = None,
    max_jobs: Annotated[int, typer.Option(help=_OF_PLAN)] = 256,  # noqa: ARG001
    max_gpu_jobs: Annotated[int, typer.Option(help=_OF_PLAN)] = 8,  # noqa: ARG001
    max_green_age: Annotated[
        int, typer.Option(min=1, max=365, help="Days that a good scheduled run may be ago.")
    ] = 10,
    max_release_age: Annotated[
        int, typer.Option(min=1, max=3650, help="Days that the newest release may be old.")
    ] = 35,
    max_approval_age: Annotated[
        int, typer.Option(min=1, max=30, help="Days that a run may wait for approval.")
    ] = 3,
    horizon: Annotated[int, typer.Option(min=0, max=3650, help="Days before an end to tell of it.")] = 90,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print alarms; open and change no issue.")
    ] = False,
) -> int:
    """Look for dead schedules, absent runners, old releases, coming ends; keep one GitHub issue of them."""
    from builder.github.client import Github
    from builder.github.settings import Settings
    from builder.pipeline.inputs.project import read
    from builder.pipeline.jobs import Runners
    from builder.pipeline.watch import Watched, watch
    from builder.registry.client import Registry
    from builder.watch.limits import Limits

    now = datetime.now(UTC)
    limits = Limits(
        green=timedelta(days=max_green_age),
        release=timedelta(days=max_release_age),
        horizon=timedelta(days=horizon),
        approval=timedelta(days=max_approval_age),
    )
    project = read(file, now.date())
    watched = Watched(
        project,
        tuple(workflow or ("images.yml",)),
        Runners.hosted(runner or ()),
        Runners.own(gpu_runner or ()),
        limits,
    )
    with ExitStack() as stack:
        registry = stack.enter_context(Registry())
        try:
            github: Github | BuilderError = stack.enter_context(Github(Settings.from_environment()))
        except BuilderError as error:
            if not dry_run:
                raise
            github = error
        report = watch(watched, registry, github, now, dry_run=dry_run)
    typer.echo(json.dumps(_data(report), indent=2) if output is Format.JSON else _text(report))
    return ExitCode.FINDINGS if dry_run and report.alarms else ExitCode.DONE


def _text(report: "Report") -> str:
    lines = [f"alarm: {alarm.what} [{alarm.kind}]\n    fix: {alarm.fix}" for alarm in report.alarms]
    lines += [f"not seen: {', '.join(sorted(one.kinds))}: {one.why}" for one in report.unseen]
    if report.change:
        lines += [f"new: {alarm.id}" for alarm in report.change.raised]
        lines += [f"over: {alarm.id}" for alarm in report.change.over]
        lines += [f"issue: {report.change.url}"] if report.change.url else []
    count = len(report.alarms)
    return "\n".join([*lines, f"{count} alarm{'' if count == 1 else 's'}"])


def _data(report: "Report") -> dict[str, object]:
    change = report.change
    return {
        "alarms": [asdict(alarm) for alarm in report.alarms],
        "unseen": [{"kinds": sorted(one.kinds), "why": one.why} for one in report.unseen],
        "raised": [alarm.id for alarm in change.raised] if change else [],
        "over": [alarm.id for alarm in change.over] if change else [],
        "issue": change.url if change else None,
    }


command.__name__ = "watch"

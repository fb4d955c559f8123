"""The command `release`."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption, Selectors, selection

if TYPE_CHECKING:
    from builder.model.release import ReleaseOutcome
    from builder.pipeline.prepare import Work
    from builder.pipeline.release import Report


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: FormatOption = Format.TEXT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide, and write nothing.")] = False,
) -> int:
    """Publish what the gate lets through: all of it or nothing. Run it again to finish what was cut short."""
    from builder.pipeline.prepare import prepare

    work = prepare(file, selection(selectors), datetime.now(UTC).date())
    return publish(work, output, dry_run=dry_run)


def publish(work: "Work", output: Format = Format.TEXT, *, dry_run: bool = False) -> int:
    """Release the selected targets and report it."""
    from builder.pipeline.candidates import order
    from builder.pipeline.release import release
    from builder.registry.client import Registry

    with Registry() as registry:
        report = release(registry, order(registry, work, datetime.now(UTC)), dry_run=dry_run)
    typer.echo(json.dumps(_data(report), indent=2) if output is Format.JSON else _text(report, work))
    return report.code


def _text(report: "Report", work: "Work") -> str:
    from builder.report.table import table

    rows = [(outcome.target, _kind(outcome), _tags(outcome)) for outcome in report.outcomes]
    lines = [table(("target", "release", "tags"), rows)]
    for outcome in report.outcomes:
        lines += [f"{outcome.target}: {reason}" for reason in getattr(outcome, "reasons", ())]
    lines += [f"finished {name}, which an earlier run began" for name in report.finished]
    lines += [f"recorded as {name}" for name in report.records]
    return "\n".join([*lines, f"released images are in {work.project.matrix.release}"])


def _kind(outcome: "ReleaseOutcome") -> str:
    return type(outcome).__name__.lower()


def _tags(outcome: "ReleaseOutcome") -> str:
    return ", ".join(getattr(outcome, "tags", ()))


def _data(report: "Report") -> dict[str, Any]:
    outcomes = [
        {
            "target": outcome.target,
            "outcome": _kind(outcome),
            "digest": str(getattr(outcome, "digest", "")),
            "tags": list(getattr(outcome, "tags", ())),
            "reasons": list(getattr(outcome, "reasons", ())),
        }
        for outcome in report.outcomes
    ]
    return {"outcomes": outcomes, "records": list(report.records), "finished": list(report.finished)}


command.__name__ = "release"

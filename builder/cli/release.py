"""The command `release`."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption, Selectors, SignOption, selection, signer
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from builder.model.release import ReleaseOutcome
    from builder.pipeline.inputs.prepare import Work
    from builder.pipeline.release import Report
    from builder.pipeline.rollback import RolledBack
    from builder.release.signing.sign import Signer


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: FormatOption = Format.TEXT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide, and write nothing.")] = False,
    sign: SignOption = None,
    rollback: Annotated[
        str | None,
        typer.Option(metavar="RELEASE", help="Put rolling tags back to where this release had them."),
    ] = None,
) -> int:
    """Publish what the gate lets through: all of it or nothing. Run it again to finish what was cut short."""
    from builder.pipeline.inputs.prepare import prepare
    from builder.release.latest import refuse_latest

    refuse_latest([*(selectors or ()), rollback or ""])
    if rollback and selectors:
        raise typer.BadParameter("a rollback is of a whole release; leave the selectors out")
    whose = signer(sign)
    work = prepare(file, selection(selectors), datetime.now(UTC).date())
    if rollback:
        return _roll_back(work, rollback, output, whose, dry_run=dry_run)
    return publish(work, output, whose, dry_run=dry_run)


def publish(
    work: "Work", output: Format = Format.TEXT, signer: "Signer | None" = None, *, dry_run: bool = False
) -> int:
    """Release the selected targets and report it."""
    from builder.pipeline.existing.candidates import order
    from builder.pipeline.release import release
    from builder.registry.client import Registry

    with Registry() as registry:
        wanted = order(registry, work, datetime.now(UTC), signer)
        report = release(registry, wanted, dry_run=dry_run)
    typer.echo(json.dumps(_data(report), indent=2) if output is Format.JSON else _text(report, work))
    return report.code


def _roll_back(work: "Work", name: str, output: Format, signer: "Signer | None", *, dry_run: bool) -> int:
    from builder.pipeline.existing.candidates import destinations
    from builder.pipeline.rollback import rollback
    from builder.registry.client import Registry

    with Registry() as registry:
        done = rollback(registry, destinations(work.project.matrix), name, signer, dry_run=dry_run)
    typer.echo(json.dumps(_moves(done), indent=2) if output is Format.JSON else _moved(done))
    return ExitCode.DONE


def _moved(done: "Sequence[RolledBack]") -> str:
    from builder.report.table import table

    rows = [
        (f"{back.repository}:{tag}", str(before or "nothing"), str(after))
        for back in done
        for tag, (before, after) in back.moved.items()
    ]
    records = [f"recorded as {back.repository}:{back.record}" for back in done if back.record]
    return "\n".join(
        [table(("rolling tag", "from", "to"), rows) if rows else "nothing has to move", *records]
    )


def _moves(done: "Sequence[RolledBack]") -> list[dict[str, Any]]:
    return [
        {
            "repository": str(back.repository),
            "record": back.record,
            "moved": {
                tag: {"from": str(before or ""), "to": str(after)}
                for tag, (before, after) in back.moved.items()
            },
        }
        for back in done
    ]


def _text(report: "Report", work: "Work") -> str:
    from builder.report.table import table

    rows = [(outcome.target, _kind(outcome), _tags(outcome)) for outcome in report.outcomes]
    lines = [table(("target", "release", "tags"), rows)]
    for outcome in report.outcomes:
        lines += [f"{outcome.target}: {reason}" for reason in getattr(outcome, "reasons", ())]
    lines += [f"finished {name}, which an earlier run began" for name in report.finished]
    lines += [f"recorded as {name}" for name in report.records]
    places = ", ".join((work.project.matrix.release, *work.project.matrix.copies))
    return "\n".join([*lines, f"released images are in {places}"])


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

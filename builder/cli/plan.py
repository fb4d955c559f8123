"""The command `plan`."""

from datetime import UTC, datetime

import typer

from builder.cli.options import (
    MATRIX,
    File,
    Format,
    FormatOption,
    PlatformOption,
    Selectors,
    ShardOption,
    selection,
)
from builder.model.errors import ExitCode


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    output: FormatOption = Format.TEXT,
    platform: PlatformOption = None,
    shard: ShardOption = None,
) -> int:
    """Say what would be built and tested, and why."""
    from builder.pipeline.plan import plan
    from builder.pipeline.prepare import prepare
    from builder.registry.client import Registry
    from builder.report import steps as report

    work = prepare(file, selection(selectors, platform), datetime.now(UTC).date(), shard)
    with Registry() as registry:
        steps = plan(registry, work.builds, work.terms)
    lines = [
        report.Line(
            target=step.build.target,
            platform=str(step.cell.platform),
            build="unchanged" if step.staged else "build",
            test="passed" if step.tested else "test",
            digest=str(step.staged or ""),
            why=step.why,
        )
        for step in steps
    ]
    typer.echo(report.as_json(lines) if output is Format.JSON else report.text(lines))
    return ExitCode.DONE


command.__name__ = "plan"

"""The command `smoke`."""

from datetime import UTC, datetime

import typer

from builder.cli.options import MATRIX, File, PlatformOption, Selectors, ShardOption, selection


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    platform: PlatformOption = None,
    shard: ShardOption = None,
) -> int:
    """Test staged images that lack a receipt."""
    from builder.cli.live import listener
    from builder.pipeline.main import smoke
    from builder.pipeline.prepare import prepare

    work = prepare(file, selection(selectors, platform), datetime.now(UTC).date(), shard)
    with listener() as shown:
        report = smoke(work, shown)
    typer.echo(shown.closing(report))
    return report.code


command.__name__ = "smoke"

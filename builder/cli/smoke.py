"""The command `smoke`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from builder.cli.options import (
    MATRIX,
    File,
    PlatformOption,
    ProgressMode,
    ProgressOption,
    Selectors,
    ShardOption,
    SignOption,
    selection,
    signer,
)


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    platform: PlatformOption = None,
    shard: ShardOption = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also what has a receipt: this host may add what a policy demands."),
    ] = False,
    progress: ProgressOption = ProgressMode.AUTO,
    sign: SignOption = None,
) -> int:
    """Test staged images that lack a receipt."""
    from builder.cli.live import listener
    from builder.pipeline.bake import smoke
    from builder.pipeline.inputs.prepare import prepare

    whose = signer(sign)
    work = prepare(file, selection(selectors, platform), datetime.now(UTC).date(), shard)
    with listener(progress) as shown:
        report = smoke(work, shown, again=again, signer=whose)
    typer.echo(shown.closing(report))
    return report.code


command.__name__ = "smoke"

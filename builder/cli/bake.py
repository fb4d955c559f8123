"""The command `bake`: the main job."""

import re
import shlex
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from builder.bake.definition import Build
    from builder.pipeline.bake import Options
    from builder.pipeline.inputs.prepare import Work


class CacheMode(StrEnum):
    """Where the steps of builds are kept for other builders."""

    REGISTRY = "registry"
    NONE = "none"


def command(
    selectors: Selectors = None,
    file: File = MATRIX,
    platform: PlatformOption = None,
    shard: ShardOption = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Builds at a time.")] = 2,
    builder: Annotated[str | None, typer.Option(help="A Buildx builder instead of the current one.")] = None,
    print_: Annotated[bool, typer.Option("--print", help="Print the bake file and do nothing.")] = False,
    no_smoke: Annotated[bool, typer.Option("--no-smoke", help="Build only.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    publish: Annotated[
        bool, typer.Option("--release", help="Go on to release what the gate lets through.")
    ] = False,
    disk_budget: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Prune the build cache between groups to stay under this: 20GB."),
    ] = None,
    cache: Annotated[
        CacheMode | None,
        typer.Option(help="Keep the steps of builds in staging, whatever the matrix says of it."),
    ] = None,
    progress: ProgressOption = ProgressMode.AUTO,
    sign: SignOption = None,
) -> int:
    """Build what is missing, smoke test it, and with --release publish it; --sign signs both results."""
    from builder.pipeline.inputs.prepare import prepare
    from builder.release.latest import refuse_latest

    refuse_latest(selectors or ())
    if publish and progress is ProgressMode.JSON:
        raise typer.BadParameter("--progress json with --release: run `release --format json` after it")
    whose, budget = signer(sign), _bytes(disk_budget)
    work = prepare(file, selection(selectors, platform), datetime.now(UTC).date(), shard)
    cached = work.project.matrix.build.cached if cache is None else cache is CacheMode.REGISTRY
    if print_:
        return _print(work, cached=cached)
    from builder.pipeline.bake import Options

    options = Options(
        jobs,
        builder,
        smoke=not no_smoke,
        fail_fast=fail_fast,
        release=publish,
        signer=whose,
        budget=budget,
        cache=cached,
    )
    code = _bake(work, file, options, progress)
    if publish and code == ExitCode.DONE:
        from builder.cli.release import publish as release

        return release(work, signer=whose)
    return code


def _bytes(size: str | None) -> int | None:
    from builder.model.size import PATTERN, parse_size

    if size is None:
        return None
    if not re.match(PATTERN, size):
        raise typer.BadParameter(f"--disk-budget: `{size}` is no size such as 20GB or 500MB")
    return parse_size(size)


def _print(work: "Work", *, cached: bool) -> int:
    from builder.bake.definition import dump
    from builder.pipeline.inputs.bake_file import bake_file
    from builder.pipeline.inputs.site import site

    sys.stdout.writelines(dump(bake_file(work.builds, site(work.builds), cache=cached)))
    return ExitCode.DONE


def _bake(work: "Work", file: Path, options: "Options", progress: ProgressMode) -> int:
    from builder.cli.live import listener
    from builder.pipeline.bake import bake

    with listener(progress) as shown:
        report = bake(work, options, shown, reproduce=lambda build: _reproduce(file, build, options.builder))
    typer.echo(shown.closing(report))
    return report.code


def _reproduce(file: Path, build: "Build", builder: str | None) -> str:
    words = ["python", "-m", "builder", "bake", "-f", str(file), build.target]
    words += ["--platform", str(build.recipe.cell.platform)]
    return shlex.join([*words, "--builder", builder] if builder else words)


command.__name__ = "bake"

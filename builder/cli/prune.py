"""The command `prune`."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from builder.cli.options import MATRIX, File, Format, FormatOption
from builder.model.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from builder.pipeline.existing.lifecycle import Ended
    from builder.pipeline.prune import Pruned


def command(
    file: File = MATRIX,
    output: FormatOption = Format.TEXT,
    keep: Annotated[int, typer.Option(min=0, help="The newest images to keep of each target.")] = 3,
    age: Annotated[int, typer.Option(min=0, metavar="DAYS", help="Keep what is younger.")] = 30,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without, only say what would be done.")
    ] = False,
) -> int:
    """Remove from staging what nothing needs, and tell users of releases past their end; none is deleted."""
    from builder.model.reference import Repository
    from builder.pipeline.existing.candidates import destinations
    from builder.pipeline.existing.lifecycle import ended
    from builder.pipeline.inputs.prepare import prepare
    from builder.pipeline.prune import prune, retention
    from builder.registry.client import Registry

    today = datetime.now(UTC).date()
    work = prepare(file, (), today)
    rule = retention(work, keep=keep, days=age)
    with Registry() as registry:
        past = ended(registry, destinations(work.project.matrix), today, apply=apply)
        staging = Repository.parse(work.project.matrix.staging)
        done = prune(registry, staging, rule, today, apply=apply)
    typer.echo(json.dumps(_data(done, past), indent=2) if output is Format.JSON else _text(done, past))
    return ExitCode.DONE


def _text(pruned: "Pruned", past: "Sequence[Ended]") -> str:
    from builder.model.size import show_size

    went, kept = ("deleted", "kept") if pruned.applied else ("would delete", "would keep")
    count = f"{len(pruned.manifests)} manifests with {len(pruned.tags)} tags"
    lines = [
        *pruned.tags,
        f"{pruned.repository}: {went} {count}, {kept} {pruned.kept}",
        f"the registry's next garbage collection frees {show_size(pruned.bytes_freed)}",
    ]
    for release in past:
        noted = "its users have been told" if release.noted else "--apply tells its users"
        lines.append(f"{release.repository}: {release.entry.target} ended on {release.end}; {noted}")
    return "\n".join(lines)


def _data(pruned: "Pruned", past: "Sequence[Ended]") -> dict[str, Any]:
    return {
        "repository": str(pruned.repository),
        "applied": pruned.applied,
        "tags": list(pruned.tags),
        "manifests": [str(digest) for digest in pruned.manifests],
        "bytes": pruned.bytes_freed,
        "kept": pruned.kept,
        "ended": [
            {
                "repository": str(release.repository),
                "target": release.entry.target,
                "tags": list(release.entry.tags),
                "end": release.end.isoformat(),
                "told": release.noted,
            }
            for release in past
        ],
    }


command.__name__ = "prune"

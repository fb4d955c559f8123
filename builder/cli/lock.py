"""The command `lock`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from builder.cli.options import MATRIX, File
from builder.model.errors import ExitCode


def command(
    file: File = MATRIX,
    update: Annotated[bool, typer.Option("--update", help="Resolve everything anew.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when something moved.")
    ] = False,
) -> int:
    """Resolve base digests, wheels, conda packages and the epoch into matrix.lock."""
    from builder.matrix.changes import changes
    from builder.matrix.lock import dump
    from builder.pipeline.inputs.project import lock_path, read
    from builder.pipeline.lock import lock, needs
    from builder.registry.client import Registry
    from builder.report.table import table

    today = datetime.now(UTC).date()
    project = read(file, today)
    needed = needs(project.matrix, project.expansion.cells)
    with Registry() as registry:
        found = lock(registry, needed, project.lock, update=update or check, today=today)
    moved = changes(project.lock, found)
    if moved:
        rows = [(it.what, _short(it.before), _short(it.after), _where(it.sets)) for it in moved]
        typer.echo(table(("what", "was", "is", "for"), rows))
    if check:
        return ExitCode.FINDINGS if moved else ExitCode.DONE
    path = lock_path(file)
    text = dump(found)
    if not path.exists() or path.read_text() != text:
        scratch = path.with_suffix(".lock.new")
        scratch.write_text(text)
        scratch.replace(path)
    typer.echo(f"{path}: {f'{len(moved)} changes' if moved else 'unchanged'}")
    return ExitCode.DONE


def _where(sets: tuple[str, ...]) -> str:
    """Platforms and Pythons: their names end with all that was asked for."""
    return ", ".join(dict.fromkeys(" ".join(name.split(" | ")[0].split(" ")[:2]) for name in sets))


def _short(text: str) -> str:
    head, colon, digest = text.rpartition("sha256:")
    return f"{head}{colon}{digest[:12]}" if colon else text


command.__name__ = "lock"

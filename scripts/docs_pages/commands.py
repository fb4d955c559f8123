"""The page of commands, from what each prints as its own help."""

from typer.testing import CliRunner

from builder.cli.app import COMMANDS, app

_INTRODUCTION = """\
# Commands

Each command is `python -m builder COMMAND`. What follows is the help that the commands print themselves.

A *selector* narrows a command to a part of the matrix: `AXIS=PATTERN`, where a pattern is a glob
(`cuda=13.0.*`), several of them (`os=debian12,ubuntu24.04`) or a range of versions (`'cuda=>=12.8,<13'`); or
a glob on the names of targets (`'*-devel-*'`). Terms with different axes must all hold.

[What the exit codes mean](exit-codes.md).
"""
_COLUMNS = "100"


def page() -> str:
    """The page."""
    sections = [f"## {name}\n\n```text\n{help_of(name)}\n```\n" for name in COMMANDS]
    return "\n".join([_INTRODUCTION, *sections])


def help_of(name: str) -> str:
    """What a command prints for `--help` on a terminal of a hundred columns."""
    shown = CliRunner().invoke(
        app, [name, "--help"], prog_name="python -m builder", env={"COLUMNS": _COLUMNS, "TERM": "dumb"}
    )
    if shown.exit_code or not shown.output.strip():
        raise RuntimeError(f"{name} --help: {shown.exception!r}")
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())

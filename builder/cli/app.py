"""The commands, and what every one of them does about errors."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from builder.cli.errors import report_bug, report_error, report_interrupt
from builder.engine.interrupt import signals_interrupt
from builder.model.errors import BuilderError

# Each is the module of that name beside this one.
COMMANDS = (
    "check",
    "plan",
    "bake",
    "smoke",
    "release",
    "verify",
    "prune",
    "report",
    "catalog",
    "changelog",
    "lock",
    "watch",
    "notify",
    "which",
    "doctor",
    "explain",
    "export",
    "schema",
)


class Commands(TyperGroup):
    """Imports a command's module when that command is asked for, and no other's."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  Click's signature
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name, or None if there is none."""
        return load_command(cmd_name) if cmd_name in COMMANDS else None


def load_command(name: str) -> TyperCommand:
    """One of the commands."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(import_module(f"builder.cli.{name}").command)
    return cast("TyperCommand", typer.main.get_command(alone))


app = typer.Typer(
    name="builder",
    cls=Commands,
    help="Build, GPU-test and publish the CUDA images that matrix.yaml asks for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Makes it a group of commands; Typer knows of none by itself."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        with signals_interrupt():
            code = app(list(arguments), standalone_mode=False)
    except typer.Exit as exit_:
        return int(exit_.exit_code)
    except BuilderError as error:
        return report_error(error)
    except KeyboardInterrupt:
        return report_interrupt()
    except Exception as error:  # what nobody expected becomes a crash log
        return report_bug(error, arguments)
    return int(code or 0)

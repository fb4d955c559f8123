"""The commands, and what every one of them does about errors."""

from collections.abc import Sequence

import typer

from builder.cli import (
    bake,
    catalog,
    changelog,
    check,
    doctor,
    explain,
    export,
    lock,
    notify,
    plan,
    prune,
    release,
    report,
    schema,
    smoke,
    verify,
    watch,
    which,
)
from builder.cli.errors import report_bug, report_error, report_interrupt
from builder.model.errors import BuilderError

app = typer.Typer(
    name="builder",
    help="Build, GPU-test and publish the CUDA images that matrix.yaml asks for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    check,
    plan,
    bake,
    smoke,
    release,
    verify,
    prune,
    report,
    catalog,
    changelog,
    lock,
    watch,
    notify,
    which,
    doctor,
    explain,
    export,
    schema,
):
    app.command()(module.command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
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

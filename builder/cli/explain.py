"""The command `explain`."""

from enum import StrEnum
from typing import Annotated

import typer

from builder.model.errors import BuilderError, ExitCode


class ExplainFormat(StrEnum):
    """How rules are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    rule: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="Ids of rules; all, if none is given.")
    ] = None,
    output: Annotated[ExplainFormat, typer.Option("--format", help="How to report.")] = ExplainFormat.TEXT,
) -> int:
    """Say what a rule of `check` finds, why that hurts, and what to do."""
    from builder.matrix.rules.catalog import RULES, find
    from builder.report.rules import FORMATTERS

    chosen = [(name, find(name)) for name in rule or [rule.id for rule in RULES]]
    for name, found in chosen:
        if found is None:
            raise _unknown(name, [known.id for known in RULES])
    typer.echo(FORMATTERS[output]([found for _, found in chosen if found]))
    return ExitCode.DONE


def _unknown(name: str, known: list[str]) -> BuilderError:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    hint = f"Did you mean `{close[0]}`? " if close else ""
    return BuilderError(
        ExitCode.NOTHING_SELECTED,
        f"there is no rule `{name}`",
        fix=f"{hint}`python -m builder explain` lists the rules.",
    )


command.__name__ = "explain"

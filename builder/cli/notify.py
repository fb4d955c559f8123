"""The command `notify`."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from builder.cli.options import MATRIX, File, Selectors, selection
from builder.model.errors import BuilderError, ExitCode

if TYPE_CHECKING:
    from builder.notify.notice import Link, Notice


def command(
    outcome: Annotated[
        str, typer.Option(metavar="RESULT", help="How the run ended: success, failure, cancelled, skipped.")
    ],
    selectors: Selectors = None,
    file: File = MATRIX,
    released: Annotated[bool, typer.Option("--released", help="The run made a release.")] = False,
    page: Annotated[str | None, typer.Option(metavar="URL", help="The family's web page.")] = None,
    page_failed: Annotated[bool, typer.Option("--page-failed", help="The page was not deployed.")] = False,
    issue: Annotated[bool, typer.Option(help="Keep a GitHub issue of what fails.")] = True,
) -> int:
    """Tell chats how a run ended, and keep one GitHub issue of what fails, with the commands to reproduce it.

    Webhooks: BUILDER_SLACK_WEBHOOK and BUILDER_TEAMS_WEBHOOK. What cannot be told is said, and no failure.
    """
    from builder.notify.notice import Outcome
    from builder.notify.webhook import webhooks
    from builder.pipeline.notify import Ended, file_issue, notice, tell
    from builder.registry.client import Registry

    if outcome not in set(Outcome):
        raise typer.BadParameter(f"{outcome!r} is none of {', '.join(Outcome)}", param_hint="--outcome")
    links = _links(os.environ, page)
    ended = Ended(file, tuple(selection(selectors)), Outcome(outcome), released, links, page_failed)
    with Registry() as registry:
        told = notice(registry, ended, datetime.now(UTC))
    typer.echo(_text(told))
    for result in tell(told, tuple(webhooks())):
        _say(result if isinstance(result, BuilderError) else f"told {result}")
    change = file_issue(told, os.environ) if issue else None
    if isinstance(change, BuilderError):
        _say(change)
    elif change and change.url:
        _say(f"issue: {change.url}")
    return ExitCode.DONE


def _say(result: str | BuilderError) -> None:
    """A line; for trouble one that GitHub shows beside the run as well."""
    if isinstance(result, BuilderError):
        typer.echo(
            f"{'::warning::' if os.environ.get('GITHUB_ACTIONS') else 'warning: '}{result} ({result.fix})"
        )
    else:
        typer.echo(result)


def _links(environ: Mapping[str, str], page: str | None) -> "tuple[Link, ...]":
    from builder.notify.notice import Link

    links = [Link("the images", page)] if page else []
    if run := environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
        links.append(Link("the run", f"{server}/{repository}/actions/runs/{run}"))
    return tuple(links)


def _text(told: "Notice") -> str:
    lines = [told.title, *(f"changed: {line}" for line in told.changed)]
    lines += [f"wrong: {problem.what}\n    {problem.command}" for problem in told.problems]
    return "\n".join(lines)


command.__name__ = "notify"

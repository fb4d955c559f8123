"""A notice for webhooks of Microsoft Teams' Workflows app: a message with an adaptive card."""

from collections.abc import Iterator
from typing import Any

from builder.notify.notice import Notice, Outcome, some

_COLORS = {Outcome.SUCCESS: "Good", Outcome.FAILURE: "Attention"}


def payload(notice: Notice) -> dict[str, Any]:
    """The body of the request."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": notice.title,
        "body": list(_body(notice)),
        "actions": [
            {"type": "Action.OpenUrl", "title": link.label, "url": link.url} for link in notice.links
        ],
        "msteams": {"width": "Full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _body(notice: Notice) -> Iterator[dict[str, Any]]:
    color = _COLORS.get(notice.outcome, "Warning")
    yield _rich(_run(notice.title, weight="Bolder", size="Medium", color=color))
    if notice.changed:
        yield _rich(_run("What changed", weight="Bolder"))
        for line in some(notice.changed):
            yield _rich(_run(line))
    if notice.problems:
        yield _rich(_run("What is wrong", weight="Bolder"))
        for what, command in _problems(notice):
            yield _rich(_run(what), *([_run(f"\n{command}", fontType="Monospace")] if command else []))


def _problems(notice: Notice) -> Iterator[tuple[str, str]]:
    commands = {problem.what: problem.command for problem in notice.problems}
    for line in some(tuple(commands)):
        yield line, commands.get(line, "")


def _rich(*runs: dict[str, Any]) -> dict[str, Any]:
    """A block whose text is shown as it is: a TextBlock would take it for Markdown."""
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: str) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}

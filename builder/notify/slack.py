"""A notice as Slack's incoming webhooks take it: Block Kit, with a plain text for notifications."""

from collections.abc import Iterator
from typing import Any

from builder.notify.notice import Notice, some

# Slack's documentation, "Header block" and "Section block": the most letters that each takes.
_HEADER, _SECTION = 150, 3000


def payload(notice: Notice) -> dict[str, Any]:
    """The body of the request."""
    return {"text": _escaped(notice.title), "blocks": list(_blocks(notice))}


def _blocks(notice: Notice) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _cut(notice.title, _HEADER)}}
    if notice.changed:
        yield _section("What changed", tuple(f"• {_escaped(line)}" for line in some(notice.changed)))
    if notice.problems:
        told = (f"• {_escaped(it.what)}\n   `{_escaped(it.command)}`" for it in notice.problems)
        yield _section("What is wrong", some(tuple(told)))
    if notice.links:
        links = " · ".join(f"<{_escaped(link.url)}|{_escaped(link.label)}>" for link in notice.links)
        yield {"type": "context", "elements": [{"type": "mrkdwn", "text": links}]}


def _section(title: str, lines: tuple[str, ...]) -> dict[str, Any]:
    text = "\n".join((f"*{title}*", *lines))
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, _SECTION)}}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escaped(text: str) -> str:
    """Slack's three control letters, which would else make links and calls to people."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""Posts to a webhook. Its address is a password: it comes from the environment and is never shown."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from builder import __version__
from builder.model.errors import BuilderError, ExitCode
from builder.notify import slack, teams
from builder.notify.notice import Notice
from builder.web.hosts import is_loopback
from builder.web.transport import Transport

_FORMATS: Mapping[str, tuple[str, Callable[[Notice], dict[str, Any]]]] = {
    "BUILDER_SLACK_WEBHOOK": ("Slack", slack.payload),
    "BUILDER_TEAMS_WEBHOOK": ("Teams", teams.payload),
}
_SECONDS = {"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 20.0}
_TRIES, _PATIENCE = 3, 30.0
_LATER = frozenset({429, 500, 502, 503, 504})
_OK = 300


@dataclass(frozen=True, slots=True)
class Webhook:
    """A chat's webhook by the variable that names it, and how that chat wants its messages."""

    variable: str
    chat: str
    url: str = field(repr=False)
    payload: Callable[[Notice], dict[str, Any]] = field(repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def post(self, notice: Notice) -> None:
        """Tell the chat.

        Raises:
            BuilderError: (23) when it cannot be told. The message has nothing of the address in it.
        """
        body = json.dumps(self.payload(notice)).encode()
        for tried in range(1, _TRIES + 1):
            try:
                status, after = self._exchange(body)
            except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
                raise self._lost(type(error).__name__) from None
            if status < _OK:
                return
            pause = float(after[:4]) if after.isdecimal() else float(tried)
            if status not in _LATER or tried == _TRIES or pause > _PATIENCE:
                raise self._lost(f"it answers {status}")
            self.sleep(pause)

    def _exchange(self, body: bytes) -> tuple[int, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"cuda-image-builder/{__version__}"}
        request = httpx.Request(
            "POST", self.url, headers=headers, content=body, extensions={"timeout": _SECONDS}
        )
        transport = Transport()
        try:
            response = transport.handle_request(request)
            response.close()
            return response.status_code, response.headers.get("retry-after", "")
        finally:
            transport.close()

    def _lost(self, why: str) -> BuilderError:
        fix = f"Check the secret {self.variable}; a webhook that was deleted answers 404 or 410."
        return BuilderError(ExitCode.UNAVAILABLE, f"{self.chat} was not told: {why}", fix=fix)


def webhooks(environ: Mapping[str, str] = os.environ) -> Iterator[Webhook | BuilderError]:
    """The webhooks that the environment names; in place of one with no usable address, what is wrong."""
    for variable, (chat, payload) in _FORMATS.items():
        url = environ.get(variable, "").strip()
        if url and _is_safe(url):
            yield Webhook(variable, chat, url, payload)
        elif url:
            fix = f"Give {variable} the https address that {chat} shows."
            yield BuilderError(ExitCode.MATRIX, f"{chat} was not told: no https address", fix=fix)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.netloc))
    except ValueError:
        return False

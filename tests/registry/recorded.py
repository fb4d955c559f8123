"""Exchanges with registries that tests cannot reach, replayed where the network would be."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx


def reply(
    status: int = 200, body: bytes | Mapping[str, Any] | list[Any] = b"", **headers: str
) -> httpx.Response:
    """A response; `content_type="x"` becomes the header `content-type`."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {} if isinstance(body, bytes) else {"content-type": "application/json"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status,
        headers={"content-length": str(len(data)), **kind, **named},
        stream=httpx.ByteStream(data),
    )


@dataclass(slots=True)
class Recorded(httpx.BaseTransport):
    """Answers each request with the next of its replies, the last one for ever; keeps what it was asked."""

    replies: Mapping[str, list[Callable[[], httpx.Response]]]
    requests: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = f"{request.method} {request.url}"
        request.read()
        self.requests.append(request)
        waiting = self.replies.get(asked) or self.replies.get(f"{request.method} *")
        if waiting is None:
            raise AssertionError(f"nobody recorded an answer to {asked}")
        return (waiting.pop(0) if len(waiting) > 1 else waiting[0])()

    def asked(self) -> list[str]:
        """Methods and URLs, in order."""
        return [f"{request.method} {request.url}" for request in self.requests]


class Endless(httpx.SyncByteStream):
    """A body that goes on and on, and counts what was taken of it."""

    def __init__(self, piece: bytes) -> None:
        self._piece = piece
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.taken += len(self._piece)
            yield self._piece

"""A client whose requests a test sees first."""

from collections.abc import Callable
from dataclasses import replace

import httpx

from builder.registry import Registry
from builder.web.transport import Transport
from tests.servers.fixtures import QUICK

Hook = Callable[[httpx.Request], httpx.Response | None]


class Hooked(httpx.BaseTransport):
    """The network, with a hook that sees every request first and may answer it."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._network = Transport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # A client with a transport of its own takes every registry for one with TLS.
        request.url = request.url.copy_with(scheme="http")
        return self._hook(request) or self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


def through(hook: Hook) -> Registry:
    """A client whose requests go through a hook."""
    return Registry(replace(QUICK, transport=Hooked(hook)))

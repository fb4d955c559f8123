"""Requests to registries: authorized, redirected, retried by meaning, counted."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Lock
from typing import TypeVar

import httpx

from builder import __version__
from builder.registry.auth.authority import Authority
from builder.registry.auth.challenge import parse_challenges
from builder.registry.auth.handshake import TokenAnswer, TokenRequest
from builder.registry.concurrency import KeyedLocks
from builder.registry.errors import RegistryError
from builder.registry.hosts import api_host
from builder.registry.http.ask import Ask
from builder.registry.http.body import ERROR_LIMIT, read_body
from builder.registry.http.problem import problem
from builder.registry.http.redirect import REDIRECTS, redirected
from builder.registry.http.scheme import scheme
from builder.registry.http.tries import Tries
from builder.registry.http.trouble import trouble
from builder.registry.pushes import Pushes
from builder.registry.requests import Counters, RateLimit
from builder.registry.settings import Settings
from builder.web.transport import Transport

T = TypeVar("T")
_log = logging.getLogger("builder.registry")
_MAX_REDIRECTS = 5
_TOKEN_LIMIT = 1 << 20
_TOKEN_ANSWERS = frozenset({200, 400, 401, 403, 404, 405})
_RATE = re.compile(r"(\d{1,9})(?:;w=(\d{1,9}))?")


class Session:
    """One pool of connections and one set of tokens for any number of registries and threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counters = Counters()
        self.rate_limits: dict[str, RateLimit] = {}
        self.pushes = Pushes()
        self._transport = settings.transport or Transport(settings.ca_file)
        self._authority = Authority(settings.credentials, settings.realms, self._ask_token_server)
        self._schemes: dict[str, str] = {}
        self._held: dict[str, float] = {}
        self.alone = KeyedLocks()
        self.with_referrers: set[str] = set()
        self.without_referrers: set[str] = set()
        self._lock = Lock()
        # Its debug records hold response headers, and so signed URLs and cookies.
        logging.getLogger("httpcore").setLevel(logging.INFO)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def call(self, ask: Ask, read: Callable[[httpx.Response], T]) -> T:
        """Ask until there is an answer that `read` takes, or the budget is spent.

        Raises:
            RegistryError: the last error, with the number of tries.
        """
        tries = self.tries()
        while True:
            try:
                return self.once(ask, read)
            except RegistryError as error:
                tries.again(error, lag=ask.ours)

    def once(self, ask: Ask, read: Callable[[httpx.Response], T]) -> T:
        """Ask a single time."""
        with self.open(ask) as response:
            return read(response)

    def tries(self) -> Tries:
        """A fresh budget for a piece of work."""

        def pause(seconds: float) -> None:
            self.counters.add("retries")
            self.settings.sleep(seconds)

        return Tries(self.settings.retry, pause)

    @contextmanager
    def open(self, ask: Ask) -> Iterator[httpx.Response]:
        """One try, as a response whose status was asked for and whose body has not been read yet.

        Raises:
            RegistryError: for any other status, and when the connection fails, while reading too.
        """
        with trouble(ask.where):
            self._respect(ask)
            response = self._authorized(self._absolute(ask))
            try:
                self._note_limits(ask.registry, response)
                if response.status_code not in ask.accept:
                    secrets = self._authority.secrets(ask.registry)
                    error = problem(response, ask.where, api_host(ask.registry), secrets)
                    self._hold(ask, error)
                    raise error
                yield response
                _drain(response)
            finally:
                response.close()

    def _authorized(self, ask: Ask) -> httpx.Response:
        # An upload's location may be another host's, which has no business with our credentials.
        if not ask.registry or not ask.url.startswith(f"{self._origin(ask.registry)}/"):
            return self._exchange(ask)
        header = self._authority.current(ask.registry, ask.scopes)
        response = self._exchange(ask.authorized(header))
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return response
        challenges = parse_challenges(response.headers.get_list("www-authenticate"))
        _drain(response)
        response.close()
        renewed = self._authority.renew(ask.registry, ask.scopes, challenges, header)
        return self._exchange(ask.authorized(renewed))

    def _exchange(self, ask: Ask) -> httpx.Response:
        url = ask.url
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._send(ask)
            if response.status_code not in REDIRECTS or response.status_code in ask.accept:
                return response
            _drain(response)
            response.close()
            ask = redirected(ask, response)
        raise RegistryError(
            f"it redirects more than {_MAX_REDIRECTS} times",
            where=ask.where,
            fix=f"Ask the registry's operator about {httpx.URL(url).host}.",
        )

    def _send(self, ask: Ask) -> httpx.Response:
        settings = self.settings
        seconds = ask.seconds or settings.read_seconds
        body = ask.body if isinstance(ask.body, bytes) else ask.body()
        request = httpx.Request(
            ask.method,
            ask.url,
            headers={
                "User-Agent": f"cuda-image-builder/{__version__}",
                "Accept-Encoding": "identity",
                **ask.headers,
            },
            content=self._counted(ask, body),
            extensions={
                "timeout": {
                    "connect": settings.connect_seconds,
                    "read": seconds,
                    "write": settings.read_seconds,
                    "pool": settings.read_seconds,
                }
            },
        )
        if ask.registry:
            self.counters.request(ask.method)
        else:
            self.counters.add("tokens")
        response = self._transport.handle_request(request)
        response.request = request
        if _log.isEnabledFor(logging.DEBUG):
            # The query is left out: upload and storage URLs carry signatures in it.
            _log.debug("%s %s%s %d", ask.method, request.url.host, request.url.path, response.status_code)
        return response

    def _counted(self, ask: Ask, body: bytes | Iterator[bytes]) -> bytes | Iterator[bytes]:
        if not ask.counted:
            return body
        if isinstance(body, bytes):
            self.counters.add(ask.counted, len(body))
            return body
        return self._counting(ask.counted, body)

    def _counting(self, name: str, body: Iterator[bytes]) -> Iterator[bytes]:
        for piece in body:
            self.counters.add(name, len(piece))
            yield piece

    def _ask_token_server(self, registry: str, request: TokenRequest) -> TokenAnswer:
        form = httpx.QueryParams(dict(request.form))
        ask = Ask(
            request.method,
            request.url,
            where=f"{registry} (its token server {httpx.URL(request.url).host})",
            headers={"Content-Type": "application/x-www-form-urlencoded", **request.headers}
            if request.form
            else request.headers,
            body=str(form).encode() if request.form else b"",
            accept=_TOKEN_ANSWERS,
        )
        return self.call(
            ask,
            lambda response: TokenAnswer(response.status_code, read_body(response, _TOKEN_LIMIT, ask.where)),
        )

    def _absolute(self, ask: Ask) -> Ask:
        return replace(ask, url=self._origin(ask.registry) + ask.url) if ask.url.startswith("/") else ask

    def _origin(self, registry: str) -> str:
        api = api_host(registry)
        if api not in self._schemes:
            self._schemes[api] = scheme(api) if self.settings.transport is None else "https"
        return f"{self._schemes[api]}://{api}"

    def _hold(self, ask: Ask, error: RegistryError) -> None:
        """Let all threads keep what one was told by Retry-After, as far as anybody would wait at all."""
        if error.retry_after and error.retry_after <= self.settings.retry.patience:
            with self._lock:
                self._held[ask.registry or ask.where] = time.monotonic() + error.retry_after

    def _respect(self, ask: Ask) -> None:
        with self._lock:
            wait = self._held.get(ask.registry or ask.where, 0.0) - time.monotonic()
        if wait > 0:
            self.settings.sleep(wait)

    def _note_limits(self, registry: str, response: httpx.Response) -> None:
        limit = _RATE.match(response.headers.get("ratelimit-limit", ""))
        remaining = _RATE.match(response.headers.get("ratelimit-remaining", ""))
        if limit and remaining:
            self.rate_limits[registry] = RateLimit(int(limit[1]), int(remaining[1]), int(remaining[2] or 0))


def _drain(response: httpx.Response) -> None:
    """Read what little is left, so that the connection can serve again."""
    if not response.is_stream_consumed:
        with suppress(RegistryError, httpx.TransportError):
            read_body(response, ERROR_LIMIT, "")

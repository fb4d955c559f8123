"""The connections: TLS settings, the environment's proxies (never for loopback), steady streams."""

import ssl
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

import certifi
import httpcore
import httpx

from builder.web.hosts import is_loopback
from builder.web.lane import Lane
from builder.web.stream import SteadyBackend

_IDLE_SECONDS = 60.0


class Transport(httpx.BaseTransport):
    """httpx's seam over httpcore's connections.

    httpx's own transport cannot bound the time a dripping peer takes, loads CA files before it knows
    whether anything speaks TLS, and would send loopback requests to a proxy. `httpx.Client` would also log
    every URL, signed ones included, and keep cookies.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None
        self._ways: dict[tuple[str, bool], httpcore.ConnectionPool] = {}
        self._lanes: dict[tuple[bytes, bytes, int | None], Lane] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, without redirects; the response's body is still to be read."""
        url = request.url
        core = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            lane = self._lane(url, core.url)
            connection = lane.take()
            try:
                response = connection.handle_request(core)
            except BaseException:
                connection.close()
                raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response, partial(lane.give_back, connection)),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for lane in self._lanes.values():
                lane.close()
            self._lanes.clear()

    def _lane(self, url: httpx.URL, core: httpcore.URL) -> Lane:
        key = core.scheme, core.host, core.port
        lane = self._lanes.get(key)
        if lane is None:
            if url.scheme not in ("http", "https"):
                raise httpx.UnsupportedProtocol(f"a {url.scheme!r} address is not supported, an http one is")
            with self._lock:
                way = self._way(_proxy(url), tls=url.scheme == "https")
                lane = self._lanes.setdefault(key, Lane(partial(way.create_connection, core.origin)))
        return lane

    def _way(self, proxy: str, *, tls: bool) -> httpcore.ConnectionPool:
        """What makes connections on this way; its own keeping of them is not used."""
        if (proxy, tls) not in self._ways:
            self._ways[proxy, tls] = self._connect(proxy, tls)
        return self._ways[proxy, tls]

    def _connect(self, proxy: str, tls: bool) -> httpcore.ConnectionPool:
        context = self._context() if tls or proxy else None
        if not proxy:
            return httpcore.ConnectionPool(
                ssl_context=context,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=SteadyBackend(),
            )
        parts = urlsplit(proxy)
        if parts.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"a {parts.scheme} proxy is not supported, an http one is")
        return httpcore.HTTPProxy(
            proxy_url=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            proxy_auth=(unquote(parts.username), unquote(parts.password or "")) if parts.username else None,
            ssl_context=context,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=SteadyBackend(),
        )

    def _context(self) -> ssl.SSLContext:
        """The system's authorities (SSL_CERT_FILE is honoured), certifi's where there are none, and ours."""
        if self._tls is None:
            paths = ssl.get_default_verify_paths()
            self._tls = ssl.create_default_context(
                cafile=None if paths.cafile or paths.capath else certifi.where()
            )
            if self._ca_file:
                self._tls.load_verify_locations(self._ca_file)
        return self._tls


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response, give_back: Callable[[], None]) -> None:
        self._response = response
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
        self._give_back()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpcore names its errors as httpx does; callers know httpx's."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__, httpx.TransportError)(str(error)) from error


def _proxy(url: httpx.URL) -> str:
    """The proxy that the environment names for this address, empty for none."""
    if is_loopback(url.netloc.decode("ascii")) or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return ""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"

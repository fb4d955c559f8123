"""A proxy before a real registry: injects faults, counts writes, stops its client at a chosen write."""

import http.client
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, urlsplit

from builder.model.reference import Repository
from tests.servers.faults import WRITES, Fault, Faults

_PIECE = 64 << 10
_DRIP_SECONDS = 0.05
# Headers that belong to one connection, and those that are set anew.
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Moment(StrEnum):
    """When, relative to the registry doing a write, its client is stopped."""

    BEFORE = "the registry never hears of it"
    AFTER = "the registry has done it, the client never hears of it"


@dataclass(frozen=True, slots=True)
class Trip:
    """Call `action` (say, to kill the client) at the `at`-th write, counted from 1, and hang up."""

    at: int
    moment: Moment
    action: Callable[[], None]


@dataclass(slots=True)
class FaultProxy:
    """A proxy's address, what it is told to do, and what it saw. Set `faults` and `trip` at any time.

    `latency` is in seconds, and added to every request.
    """

    host: str
    upstream: str
    faults: Faults
    trip: Trip | None = None
    latency: float = 0.0
    requests: int = 0
    uploaded: int = 0
    injected: Counter[Fault] = field(default_factory=Counter)
    writes: list[tuple[str, str]] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)
    _late: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def repository(self, path: str) -> Repository:
        """A repository as seen through the proxy."""
        return Repository(self.host, path)

    def note(self, method: str, path: str) -> Trip | None:
        """Count a request; returns the trip when this is the write it waits for."""
        with self._lock:
            self.requests += 1
            if method not in WRITES:
                return None
            self.writes.append((method, path))
            trip = self.trip
            return trip if trip and len(self.writes) == trip.at else None

    def took(self, size: int) -> None:
        """Count the bytes of a body that went through."""
        with self._lock:
            self.uploaded += size

    def inject(self, fault: Fault) -> None:
        """Count a fault."""
        with self._lock:
            self.injected[fault] += 1

    def delay(self, paths: tuple[str, ...], times: int) -> None:
        """Let the next reads of what was just pushed find nothing."""
        with self._lock:
            self._late.update(dict.fromkeys(paths, times))

    def is_late(self, path: str) -> bool:
        """Whether this read is to find nothing."""
        with self._lock:
            left = self._late.get(path, 0)
            self._late[path] = max(0, left - 1)
            return left > 0


@contextmanager
def fault_proxy(upstream: str, faults: Faults | None = None) -> Iterator[FaultProxy]:
    """A proxy on a free port of 127.0.0.1 before the plain registry at host `upstream`."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        proxy = FaultProxy(f"127.0.0.1:{server.server_address[1]}", upstream, faults or Faults())
        server.proxy = proxy
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.stopping.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    proxy: FaultProxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what this proxy is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A TLS greeting gets a proper 400, which is how clients learn that this is plain HTTP.
    default_request_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        proxy, method = self.server.proxy, self.command
        body = _Body(self)
        trip = proxy.note(method, self.path)
        if trip and trip.moment is Moment.BEFORE:
            trip.action()
            self.close_connection = True
            return
        proxy.stopping.wait(proxy.latency)
        fault, dice = proxy.faults.choose(method, self.path)
        if method in {"GET", "HEAD"} and proxy.is_late(urlsplit(self.path).path):
            self._refuse(404, {}, "MANIFEST_UNKNOWN")
            return
        if fault:
            proxy.inject(fault)
        match fault:
            case Fault.LIMIT:
                body.discard()
                self._refuse(429, {"Retry-After": "0"}, "TOOMANYREQUESTS")
            case Fault.TROUBLE:
                body.discard()
                self._refuse(dice.choice((500, 502, 503)), {}, "UNKNOWN")
            case _:
                self._forward(body, fault, dice, trip)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _forward(self, body: "_Body", fault: Fault | None, dice: random.Random, trip: Trip | None) -> None:
        proxy = self.server.proxy
        upstream = http.client.HTTPConnection(proxy.upstream, timeout=30)
        try:
            whole = self._send(upstream, body, cut=fault is Fault.CUT)
            if not whole:
                self.close_connection = True
                return
            response = upstream.getresponse()
            if trip:
                response.read()
                trip.action()
            if trip or fault is Fault.LOST:
                self.close_connection = True
                return
            if fault is Fault.LATE and response.status in (201, 202):
                proxy.delay(_pushed(self.path, response), dice.randint(1, 3))
            self._answer(response, fault, dice)
        finally:
            upstream.close()

    def _send(self, upstream: http.client.HTTPConnection, body: "_Body", *, cut: bool) -> bool:
        """Pass the request on; with `cut`, a body only by half. Returns whether all of it went."""
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP:
                upstream.putheader(name, value)
        if body.chunked:
            upstream.putheader("Transfer-Encoding", "chunked")
        upstream.endheaders()
        sent, limit = 0, body.length // 2 if cut and body.length else None
        for piece in body.pieces():
            kept = piece if limit is None else piece[: limit - sent]
            upstream.send(b"%x\r\n%s\r\n" % (len(kept), kept) if body.chunked else kept)
            sent += len(kept)
            if limit is not None and sent >= limit:
                return False
        if body.chunked:
            upstream.send(b"0\r\n\r\n")
        self.server.proxy.took(sent)
        return True

    def _answer(self, response: http.client.HTTPResponse, fault: Fault | None, dice: random.Random) -> None:
        headers = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
        head_only = self.command == "HEAD" or response.status in (204, 304)
        content = b"" if head_only else response.read() if fault else None
        if content is not None and not head_only:
            headers["Content-Length"] = str(len(content))
        if fault is Fault.WRONG:
            headers, content = _changed(headers, content or b"", dice)
        if content is None and "Content-Length" not in headers:
            content = response.read()
            headers["Content-Length"] = str(len(content))
        lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k}: {v}" for k, v in headers.items())]
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
        match fault:
            case Fault.CUT:
                whole = head + (content or b"")
                self.wfile.write(
                    whole[: len(head) + len(content or b"") // 2] if content else head[: len(head) // 2]
                )
                self.close_connection = True
            case Fault.DRIP:
                self.close_connection = True
                self._drip(head + (content or b""))
            case _:
                self.wfile.write(head)
                self._copy(response, content)

    def _copy(self, response: http.client.HTTPResponse, content: bytes | None) -> None:
        if content is not None:
            self.wfile.write(content)
            return
        while piece := response.read(_PIECE):
            self.wfile.write(piece)

    def _drip(self, data: bytes) -> None:
        with suppress(OSError):
            for index in range(len(data)):
                self.wfile.write(data[index : index + 1])
                self.wfile.flush()
                if self.server.proxy.stopping.wait(_DRIP_SECONDS):
                    return

    def _refuse(self, status: int, headers: Mapping[str, str], code: str) -> None:
        content = json.dumps({"errors": [{"code": code, "message": "injected"}]}).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Stay silent."""


class _Body:
    """A request's body, in pieces."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._file = handler.rfile
        self.chunked = "chunked" in handler.headers.get("Transfer-Encoding", "")
        self.length = int(handler.headers.get("Content-Length") or 0)

    def pieces(self) -> Iterator[bytes]:
        if self.chunked:
            yield from self._chunks()
            return
        left = self.length
        while left and (piece := self._file.read(min(left, _PIECE))):
            left -= len(piece)
            yield piece

    def discard(self) -> None:
        for _ in self.pieces():
            pass

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._file.readline().partition(b";")[0], 16):
            yield self._file.read(size)
            self._file.readline()
        self._file.readline()


def _pushed(path: str, response: http.client.HTTPResponse) -> tuple[str, ...]:
    """The paths under which what was pushed is read."""
    parts = urlsplit(path)
    digest = response.getheader("Docker-Content-Digest") or ""
    if "/manifests/" in path:
        return parts.path, f"{parts.path.rpartition('/')[0]}/{digest}"
    closed = parse_qs(parts.query).get("digest", [""])[0]
    return (f"{parts.path.partition('/uploads/')[0]}/{closed}",)


def _changed(headers: dict[str, str], content: bytes, dice: random.Random) -> tuple[dict[str, str], bytes]:
    """One byte of the content changed, or where there is no content the digest in the headers."""
    if content:
        at = dice.randrange(len(content))
        return headers, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    digest = f"sha256:{dice.getrandbits(256):064x}"
    known = {name: digest for name in headers if name.lower() == "docker-content-digest"}
    return {**headers, **known}, content

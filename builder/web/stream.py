"""Sockets that give up on a peer that only drips, and that never talk to a link-local address."""

import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore

from builder.web.hosts import is_link_local

# A response must move by this many bytes, or end, within one read timeout.
STEP = 64 << 10


class SteadyStream(httpcore.NetworkStream):
    """A stream whose read timeout holds for every 64 KiB of a response, not for every single read."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._since: float | None = None
        self._got = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`, as soon as there are some."""
        now = time.monotonic()
        if self._since is None or self._got >= STEP:
            self._since, self._got = now, 0
        if timeout is not None:
            timeout -= now - self._since
            if timeout <= 0:
                raise httpcore.ReadTimeout(f"less than {STEP} bytes came in the time allowed")
        data = self._inner.read(max_bytes, timeout)
        self._got += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`; what is read from then on is another response."""
        self._since = None
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on inside TLS."""
        return SteadyStream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know of the socket."""
        return self._inner.get_extra_info(info)


class SteadyBackend(httpcore.NetworkBackend):
    """Opens steady streams, and hangs up on a name that resolves to a link-local address."""

    def __init__(self, inner: httpcore.NetworkBackend | None = None) -> None:
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a connection."""
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        peer = str(stream.get_extra_info("server_addr")[0])
        if is_link_local(f"[{peer}]" if ":" in peer else peer):
            stream.close()
            raise httpcore.ConnectError(f"{host} is the link-local address {peer}, which is never asked")
        return SteadyStream(stream)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

"""Whether a loopback registry speaks TLS. Every other registry has to."""

import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

from builder.web.hosts import is_loopback

_SECONDS = 5.0
# RFC 8446, section 5.1: the first byte of a record is its type; a server opens with an alert or a handshake.
_TLS_RECORDS = (b"\x15", b"\x16")


def scheme(host: str) -> str:
    """`http` for a loopback host that does not answer a TLS greeting, `https` for all others.

    Raises:
        OSError: when a loopback host cannot be connected to.
    """
    if not is_loopback(host):
        return "https"
    parts = urlsplit(f"//{host}")
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=_SECONDS) as connection:
        connection.sendall(_greeting())
        with suppress(TimeoutError, ConnectionResetError):
            return "https" if connection.recv(1) in _TLS_RECORDS else "http"
    return "http"


def _greeting() -> bytes:
    outgoing = ssl.MemoryBIO()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="localhost"
    )
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()

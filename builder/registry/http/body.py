"""Reading bodies without trusting them: never more bytes than a limit, compressed ones included."""

import json
import zlib
from typing import Any

import httpx

from builder.registry.errors import RegistryError, UnavailableError

JSON_LIMIT = 16 << 20
ERROR_LIMIT = 64 << 10
_ASK_OPERATOR = "Ask the registry's operator; a proxy or a broken registry answers like this."
# zlib's window bits for gzip framing.
_GZIP = 16 + zlib.MAX_WBITS


def read_body(response: httpx.Response, limit: int, where: str) -> bytes:
    """The whole body, at most `limit` bytes long.

    Raises:
        RegistryError: when there is more, or the body is compressed in a way that nobody asked for.
    """
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise RegistryError(f"it sent a body encoded as {encoding[:40]!r}", where=where, fix=_ASK_OPERATOR)
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_much(limit, where)
    inflate = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    body = bytearray()
    for piece in response.iter_raw():
        try:
            body += inflate.decompress(piece, limit + 1 - len(body)) if inflate else piece
        except zlib.error:
            raise UnavailableError("its gzip body is damaged", where=where, fix=_ASK_OPERATOR) from None
        if len(body) > limit:
            raise _too_much(limit, where)
    return bytes(body)


def read_json(response: httpx.Response, where: str) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        UnavailableError: when it is none. A cut body looks like that, so another try may help.
    """
    try:
        data = json.loads(read_body(response, JSON_LIMIT, where))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise UnavailableError("its answer is not a JSON object", where=where, fix=_ASK_OPERATOR)
    return data


def _too_much(limit: int, where: str) -> RegistryError:
    return RegistryError(f"it sends more than {limit:,} bytes", where=where, fix=_ASK_OPERATOR)

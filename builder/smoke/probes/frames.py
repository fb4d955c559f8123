"""JSON text sequences (RFC 7464): results that can be told from whatever else an image prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_RECORD_SEPARATOR = b"\x1e"


def frame(data: dict[str, Any]) -> bytes:
    """One object, framed. It is ASCII and has no line break inside."""
    return _RECORD_SEPARATOR + json.dumps(data, sort_keys=True).encode("ascii") + b"\n"


def frames(content: bytes) -> Iterator[dict[str, Any]]:
    """The framed objects, in order. A frame that was cut off is left out, and so is the noise around them."""
    for part in content.split(_RECORD_SEPARATOR)[1:]:
        line, newline, _ = part.partition(b"\n")
        if not newline:
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            yield data

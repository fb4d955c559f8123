"""What a status that is no success means, as one of our errors."""

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx

from builder.registry.auth.handshake import login_fix
from builder.registry.errors import (
    DigestMismatchError,
    NotFoundError,
    RegistryError,
    UnauthorizedError,
    UnavailableError,
)
from builder.registry.http.body import ERROR_LIMIT, read_body

# Distribution specification 1.1, "Error codes".
_ABSENT_CODES = frozenset({"NAME_UNKNOWN", "MANIFEST_UNKNOWN", "BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"})
_ABSENT = 404
_DENIED = {401: "it does not exist, or our credentials do not reach it", 403: "access is denied"}
_RULES = "Look at what the registry allows here: its version, quotas and rules."
_MEANINGS: Mapping[int, tuple[type[RegistryError], str, str]] = {
    _ABSENT: (
        NotFoundError,
        "the registry does not have it",
        "Check the name and the tag, and that all that a manifest lists was pushed before it.",
    ),
    429: (UnavailableError, "it limits our requests", "Log in, use a mirror, or run again later."),
    **dict.fromkeys(
        (408, 425, 500, 502, 503, 504),
        (UnavailableError, "it is in trouble", "Run again later; see the registry's status page."),
    ),
}
_MESSAGE_LENGTH = 200
_LONGEST_RETRY_AFTER = 7 * 24 * 3600.0


def problem(response: httpx.Response, where: str, api: str, secrets: Collection[str] = ()) -> RegistryError:
    """The error that this response amounts to; `secrets` are taken out of what the registry says."""
    errors = tuple(_errors(response, where))
    codes = frozenset(code for code, _ in errors)
    said = _printable("; ".join(dict.fromkeys(message for _, message in errors if message)), secrets)
    status = response.status_code
    wait = retry_after(response)
    asks = f"; it wants to be left alone for {wait:.0f} s" if wait else ""
    kind, what, fix = _meaning(response, codes, api)
    return kind(
        f"{what} ({status}{said}{asks})", where=where, fix=fix, retry_after=wait, status=status, codes=codes
    )


def _meaning(
    response: httpx.Response, codes: frozenset[str], api: str
) -> tuple[type[RegistryError], str, str]:
    status, method = response.status_code, response.request.method
    if status in _MEANINGS and not (status == _ABSENT and _is_page(response)):
        return _MEANINGS[status]
    if status == _ABSENT:
        return RegistryError, "a web page answers there, not a registry", "Check the host's name and port."
    if codes & _ABSENT_CODES:
        return _MEANINGS[_ABSENT]
    if "DIGEST_INVALID" in codes and method == "PUT":
        return DigestMismatchError, "the registry got other bytes than were sent", "Run again."
    if status in _DENIED:
        return UnauthorizedError, _DENIED[status], login_fix(api)
    return RegistryError, f"it refuses {method} {response.request.url.path}", _RULES


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the registry wants to be left alone (RFC 9110, 10.2.3); None when it does not say."""
    text = response.headers.get("retry-after", "").strip()
    seconds: float | None = None
    if text.isdecimal() and text.isascii():
        seconds = float(text[:10])
    else:
        with suppress(ValueError, OverflowError):
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
    return None if seconds is None else min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _errors(response: httpx.Response, where: str) -> Iterator[tuple[str, str]]:
    """Codes and messages of the specification's error body; whatever else the body is tells nothing."""
    try:
        data = json.loads(read_body(response, ERROR_LIMIT, where))
    except (ValueError, RecursionError, RegistryError, httpx.TransportError):
        return
    entries = data.get("errors") if isinstance(data, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            yield str(entry.get("code") or ""), str(entry.get("message") or "")


def _printable(text: str, secrets: Collection[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    text = "".join(letter if letter.isprintable() else " " for letter in text[:_MESSAGE_LENGTH])
    return f": {text}" if text else ""


def _is_page(response: httpx.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return kind.lower().startswith("text/html")

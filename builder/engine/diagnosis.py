"""What a failed build's own words mean."""

import re
from collections.abc import Iterable

from builder.model.outcome import Cause

Signs = tuple[tuple[re.Pattern[str], Cause], ...]


def _signs(*pairs: tuple[str, Cause]) -> Signs:
    """The first pattern that is found decides."""
    return tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), cause) for pattern, cause in pairs)


# The words of the kernel, and of programs of ours, whoever repeats them.
_COMMON = (
    (r"no space left on device|disk quota exceeded", Cause.DISK),
    (r"hash mismatch for|GPG check would fail", Cause.TRUST),
    (r"exec format error", Cause.PLATFORM),
)
# What BuildKit, containerd and Buildx say of themselves and of registries.
_BUILDER = _signs(
    *_COMMON,
    (
        r"cannot connect to the docker daemon|error reading from server: EOF|transport is closing",
        Cause.ENGINE,
    ),
    (
        r"transport: error while dialing|closing transport|the docker daemon running",
        Cause.ENGINE,
    ),
    # Engines on a busy machine lose jobs between their beginning and the first question after them.
    (r"failed to receive status: .*no such job", Cause.ENGINE),
    (r"no match for platform|does not match the specified platform", Cause.PLATFORM),
    (r"toomanyrequests|429 Too Many Requests|pull rate limit", Cause.LIMIT),
    (r"insufficient_scope|authentication required|\bunauthorized\b|403 Forbidden", Cause.ACCESS),
    # Steps that may not write a file say "permission denied".
    (r"(?<!permission )\bdenied\b", Cause.ACCESS),
    (r"failed to resolve source metadata .*: not found|manifest unknown", Cause.MISSING),
    (r"failed to push|failed to copy: .*(?:put|post|patch) |unexpected status .*/v2/", Cause.REGISTRY),
    (r"failed to resolve source metadata|failed to do request", Cause.REGISTRY),
    # A registry that lacks, or has spoiled, a blob of a manifest that it has.
    (r"httpReadSeeker|unexpected commit digest", Cause.REGISTRY),
    (r"could not resolve host|name resolution|no such host", Cause.NETWORK),
    (r"connection (?:reset|timed out|refused)|TLS handshake timeout|i/o timeout", Cause.NETWORK),
    (r"network is unreachable|(?:response|unexpected) status\b.* 5\d\d\b", Cause.NETWORK),
    (r"50[0234] (?:Internal Server Error|Bad Gateway|Service|Gateway)", Cause.NETWORK),
)
_APT = "Temporary failure|Could not|Cannot initiate|Unable to connect|Connection|Error reading|5[0-9][0-9]  "
# What those who download within a step say. A program may print "connection refused" for reasons of its own.
_TOOLS = _signs(
    *_COMMON,
    # pip's and uv's words, curl's, and those of wget.
    (r"429 (?:Client Error|Too Many)|\(429 Too Many|returned error: 429|ERROR 429: ", Cause.LIMIT),
    # What fetches archives and packages for our own steps.
    (r"cannot be fetched: \S+ answers 429 ", Cause.LIMIT),
    (r"cannot be fetched: (?:failed to do request|\S+ answers 5\d\d )", Cause.NETWORK),
    # apt
    (rf"^[EW]: Failed to fetch \S+ +(?:{_APT})|Temporary failure resolving '", Cause.NETWORK),
    # curl, and dnf by its library
    (r"curl: \((?:5|6|7|18|28|35|52|56|92)\) |Curl error \((?:5|6|7|18|28|35|52|56|92)\): ", Cause.NETWORK),
    (r"curl: \(22\) .* error: 5\d\d|Status code: 5\d\d for http", Cause.NETWORK),
    # wget
    (r"wget: unable to resolve host address|^\S+ \S+ ERROR 5\d\d: ", Cause.NETWORK),
    (r"^(?:Resolving|Connecting to) \S+.*failed: ", Cause.NETWORK),
    # git
    (r"fatal: unable to access '.*(?:Could not resolve|Failed to connect|error: 5\d\d)", Cause.NETWORK),
    # pip
    (r"Failed to establish a new connection: |ReadTimeoutError|Read timed out\.", Cause.NETWORK),
    (r"ERROR: HTTP error 5\d\d while getting|5\d\d Server Error: .* for url", Cause.NETWORK),
    (r"IncompleteRead\(|\('Connection aborted\.', ", Cause.NETWORK),
    # uv, and others by the same library
    (r"error sending request for url|HTTP status server error \(5\d\d ", Cause.NETWORK),
    (r"(?:Caused by|cause): (?:operation timed out|.*incomplete message)", Cause.NETWORK),
    (r"dns error: failed to lookup address", Cause.NETWORK),
)
# What Buildx calls its wait for a node of a builder.
_CONNECTING = "[internal] waiting for connection"
# How BuildKit ends a step whose program failed; the words before are the program's own.
_EXITED = "did not complete successfully: exit code:"


def cause(step: str, error: str, log: Iterable[str] = (), said: Iterable[str] = ()) -> Cause:
    """What kind of failure this is; a step that failed for reasons of its own is `STEP`.

    `error` is what BuildKit says of the step, `log` what the step printed last, and `said` what Buildx says
    beside that. Of a program that failed only its log counts, and in it the words of tools that download.
    """
    if step.startswith(_CONNECTING):
        return Cause.ENGINE
    exited = _EXITED in error
    signs, text = (_TOOLS, "\n".join(log)) if exited else (_BUILDER, "\n".join((error, *log, *said)))
    for sign, found in signs:
        if sign.search(text):
            return found
    return Cause.STEP if step else Cause.OTHER

"""What a failed build's own words mean."""

import re

from builder.model.outcome import Cause

# The first pattern that is found decides; the words are BuildKit's, containerd's, Go's and Linux'.
_SIGNS: tuple[tuple[str, Cause], ...] = (
    (r"no space left on device|disk quota exceeded", Cause.DISK),
    (r"hash mismatch for|GPG check would fail", Cause.TRUST),
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
    (r"no match for platform|exec format error|does not match the specified platform", Cause.PLATFORM),
    (r"insufficient_scope|authentication required|\bunauthorized\b|403 Forbidden", Cause.ACCESS),
    # Steps that may not write a file say "permission denied".
    (r"(?<!permission )\bdenied\b", Cause.ACCESS),
    (r"failed to resolve source metadata .*: not found|manifest unknown", Cause.MISSING),
    (r"failed to push|failed to copy: .*(?:put|post|patch) |unexpected status .*/v2/", Cause.REGISTRY),
    (r"failed to resolve source metadata|failed to do request", Cause.REGISTRY),
    # A registry that lacks, or has spoiled, a blob of a manifest that it has.
    (r"httpReadSeeker|unexpected commit digest", Cause.REGISTRY),
    (r"could not resolve host|failed to lookup address|dns error|name resolution", Cause.NETWORK),
    (r"connection (?:reset|timed out|refused)|TLS handshake timeout|i/o timeout", Cause.NETWORK),
    (r"network is unreachable|502 Bad Gateway|503 Service", Cause.NETWORK),
    # uv's words, and pip's.
    (r"operation timed out|error sending request|read timed out|incomplete message", Cause.NETWORK),
)
# What Buildx calls its wait for a node of a builder.
_CONNECTING = "[internal] waiting for connection"
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), cause) for pattern, cause in _SIGNS)


def cause(step: str, text: str) -> Cause:
    """What kind of failure this text tells of; a step that failed for reasons of its own is `STEP`."""
    if step.startswith(_CONNECTING):
        return Cause.ENGINE
    for sign, found in _COMPILED:
        if sign.search(text):
            return found
    return Cause.STEP if step else Cause.OTHER

"""What failed builds say, and what that means."""

import pytest

from builder.engine.diagnosis import cause
from builder.model.outcome import Cause

EXITED = (
    'process "/bin/sh -c ./configure || echo connection refused" did not complete successfully: exit code: 1'
)
HUB = "failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/a:"
APT = "E: Failed to fetch http://deb.example.org/pool/a.deb "

BUILDER = {
    "write /var/lib/x: no space left on device": Cause.DISK,
    "Cannot connect to the Docker daemon at unix:///x": Cause.ENGINE,
    "error reading from server: EOF": Cause.ENGINE,
    "failed to receive status: rpc error: code = NotFound desc = no such job x": Cause.ENGINE,
    "runc run failed: unable to start container process: exec: exec format error": Cause.PLATFORM,
    "no match for platform in manifest: not found": Cause.PLATFORM,
    "failed to push 127.0.0.1:1/a: connection refused": Cause.REGISTRY,
    "failed to resolve source metadata for docker.io/library/debian": Cause.REGISTRY,
    "failed to copy: httpReadSeeker: failed open: could not fetch content descriptor": Cause.REGISTRY,
    "commit failed: unexpected commit digest sha256:8, expected sha256:f": Cause.REGISTRY,
    "unexpected status from HEAD request to https://ghcr.io/v2/a/blobs/b: 500 Internal Server Error": (
        Cause.REGISTRY
    ),
    f"{HUB} 429 Too Many Requests - Server message: toomanyrequests: reached your limit": Cause.LIMIT,
    "failed to push 127.0.0.1:1/a: denied: no push rights": Cause.ACCESS,
    "pull access denied, repository does not exist or may require authorization": Cause.ACCESS,
    "failed to resolve source metadata for docker.io/a/b: docker.io/a/b: not found": Cause.MISSING,
    "failed to load cache key: invalid response status 503": Cause.NETWORK,
    "failed to load cache key: invalid response status 504": Cause.NETWORK,
    'Get "https://example.org/x": dial tcp: lookup example.org: no such host': Cause.NETWORK,
    'Get "https://example.org/x": net/http: TLS handshake timeout': Cause.NETWORK,
    "read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer": Cause.NETWORK,
}
TOOLS = {
    "Err:1 http://deb.example.org bookworm InRelease\n  Temporary failure resolving 'deb.example.org'": (
        Cause.NETWORK
    ),
    f"{APT} Temporary failure resolving 'deb.example.org'": Cause.NETWORK,
    "W: Failed to fetch http://deb.example.org/InRelease  Could not resolve 'deb.example.org'": Cause.NETWORK,
    f"{APT} Could not connect to deb.example.org:80 (192.0.2.1), connection timed out": Cause.NETWORK,
    f"{APT} 500  Internal Server Error [IP: 192.0.2.1 80]": Cause.NETWORK,
    f"{APT} 504  Gateway Time-out [IP: 192.0.2.1 80]": Cause.NETWORK,
    f"{APT} 404  Not Found [IP: 192.0.2.1 80]": Cause.STEP,
    "curl: (6) Could not resolve host: example.org": Cause.NETWORK,
    "curl: (7) Failed to connect to example.org port 443 after 2 ms: Connection refused": Cause.NETWORK,
    "curl: (22) The requested URL returned error: 504": Cause.NETWORK,
    "curl: (22) The requested URL returned error: 429": Cause.LIMIT,
    "curl: (22) The requested URL returned error: 404": Cause.STEP,
    "wget: unable to resolve host address 'example.org'": Cause.NETWORK,
    "Connecting to example.org (example.org)|192.0.2.1|:443... failed: Connection refused.": Cause.NETWORK,
    "2026-11-21 10:00:00 ERROR 503: Service Unavailable.": Cause.NETWORK,
    "fatal: unable to access 'https://example.org/a.git/': Could not resolve host: a.org": Cause.NETWORK,
    "Curl error (28): Timeout was reached for https://example.org/repodata/repomd.xml": Cause.NETWORK,
    "NewConnectionError('<HTTPSConnection>: Failed to establish a new connection: [x]')": Cause.NETWORK,
    "ERROR: HTTP error 503 while getting https://example.org/a.whl": Cause.NETWORK,
    "WARNING: Could not fetch URL: 503 Server Error: Service Unavailable for url: x": Cause.NETWORK,
    "cause: error sending request for url (https://example.org/x.whl)": Cause.NETWORK,
    "cause: operation timed out": Cause.NETWORK,
    "HTTP status server error (500 Internal Server Error) for url (https://example.org)": Cause.NETWORK,
    "HTTP status client error (429 Too Many Requests) for url (https://example.org)": Cause.LIMIT,
    "a.conda cannot be fetched: example.org answers 502 Bad Gateway": Cause.NETWORK,
    "a.conda cannot be fetched: failed to do request: <urlopen error [Errno 111]>": Cause.NETWORK,
    "Hash mismatch for `x==1`": Cause.TRUST,
    "GPG check would fail: key 7FA2AF80 was replaced by 3BF863CC on 2022-04-27": Cause.TRUST,
    "cp: error writing '/x': No space left on device": Cause.DISK,
    "exec /bin/sh: exec format error": Cause.PLATFORM,
    # What programs print for reasons of their own.
    "make: *** [all] Error 2": Cause.STEP,
    "/bin/sh: 1: cannot create /random: Permission denied": Cause.STEP,
    "test_server.py: ConnectionRefusedError: [Errno 111] Connection refused": Cause.STEP,
    "ERROR 1045 (28000): Access denied for user 'root'@'localhost'": Cause.STEP,
    "assert response.status == 503 Service Unavailable": Cause.STEP,
    "FAILED test_login: 401 unauthorized: authentication required": Cause.STEP,
    "psql: could not connect to server: i/o timeout": Cause.STEP,
}


@pytest.mark.parametrize(("error", "told"), BUILDER.items())
def test_what_builders_say(error: str, told: Cause) -> None:
    assert cause("exporting to image", error) is told


@pytest.mark.parametrize(("line", "told"), TOOLS.items())
def test_what_a_step_prints(line: str, told: Cause) -> None:
    assert cause("[2/2] RUN x", EXITED, ("before", line), ("failed to solve: connection refused",)) is told


def test_what_no_step_tells() -> None:
    assert cause("[internal] waiting for connection", "context deadline exceeded") is Cause.ENGINE
    assert cause("", "", (), ("ERROR: Cannot connect to the Docker daemon at tcp://x",)) is Cause.ENGINE
    assert cause("", "something else") is Cause.OTHER


def test_what_is_tried_again() -> None:
    assert [one for one in Cause if one.transient] == [Cause.REGISTRY, Cause.NETWORK, Cause.ENGINE]

"""Where a matrix comes from, as its git repository tells it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from builder.bake.labels import OCI

_SECONDS = 10


def origin(folder: Path) -> Mapping[str, str]:
    """The annotations `source` and `revision`; without git, a commit or a remote, those that there are."""
    told = {
        f"{OCI}source": web_address(_git(folder, "remote", "get-url", "origin")),
        f"{OCI}revision": _git(folder, "rev-parse", "HEAD"),
    }
    return {name: value for name, value in told.items() if value}


def web_address(remote: str) -> str:
    """The address that people can open, without credentials; empty for a path on this machine."""
    if "://" not in remote:
        host, colon, path = remote.partition(":")
        address = f"https://{host.rpartition('@')[2]}/{path}" if colon and "/" not in host else ""
    else:
        parts = urlsplit(remote)
        known = parts.scheme in ("https", "http", "ssh", "git") and parts.hostname
        address = f"https://{parts.hostname}{parts.path}" if known else ""
    return address.removesuffix(".git")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

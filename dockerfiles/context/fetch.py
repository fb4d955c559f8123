"""Fetches what a lock names from where the site says that it is: it is the locked file, or the step ends."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit


def fetch(url: str, name: str, digest: str, cache: Path) -> Path:
    """The file at an address, kept in the cache unless it is a file here; `name` is what errors call it."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        file = Path(unquote(parts.path))
        if not file.is_file():
            sys.exit(f"{name} cannot be fetched: the site's folder does not have it")
    else:
        file = cache / f"{digest}-{Path(name).name}"
        if not file.is_file():
            download(url, name, file)
    seen = checksum(file)
    if seen != digest:
        if file.parent == cache:
            file.unlink(missing_ok=True)
        sys.exit(f"hash mismatch for {name}: locked is sha256:{digest}, there is sha256:{seen}")
    return file


def download(url: str, name: str, file: Path) -> None:
    """Fetch to a file that is whole or not there."""
    scratch = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with urllib.request.urlopen(url) as answer, scratch.open("wb") as stream:
            shutil.copyfileobj(answer, stream, 1 << 20)
    except urllib.error.HTTPError as error:
        sys.exit(f"{name} cannot be fetched: {urlsplit(url).hostname} answers {error.code} {error.reason}")
    except OSError as error:
        sys.exit(f"{name} cannot be fetched: failed to do request: {error}")
    scratch.replace(file)


def checksum(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()

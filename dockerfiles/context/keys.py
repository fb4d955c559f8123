"""Compare the keys that a root trusts for NVIDIA's packages with the one that signs them today.

Usage: keys.py ROOT ID PIN [FORMER=DAY ...]
PIN is the key's fingerprint, or the SHA-256 of its file without the line `Version`; FORMER are the ids of
keys that it replaced, each with the day from which they sign nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_PLACES = (
    *("usr/share/keyrings/cuda*", "etc/apt/keyrings/cuda*", "etc/apt/trusted.gpg.d/cuda*"),
    "etc/pki/rpm-gpg/RPM-GPG-KEY-NVIDIA*",
)
# Where `apt-key add` puts all keys, those of others too.
_SHARED = "etc/apt/trusted.gpg"
_LISTS = ("etc/apt/sources.list.d/cuda*", "etc/yum.repos.d/cuda*")
# A list may say where its key is: in a file, or at an address from which dnf gets the one of the day.
_NAMED = re.compile(r"(?:signed-by\s*[=:]|gpgkey\s*=\s*file://)\s*/?([^\s\],]+)", re.IGNORECASE)
_FETCHED = re.compile(r"gpgkey\s*=\s*https?://", re.IGNORECASE)
_ARMOR = b"-----BEGIN"
# RFC 9580: the tag of a public key, and the version whose fingerprint is a SHA-1.
_PUBLIC_KEY, _VERSION = 6, 4


def main(root: str, name: str, pin: str, *former: str) -> int:
    """Exit status 1 when NVIDIA's packages are listed or a key is trusted, and not the right one alone."""
    lists = _there(root, *_LISTS)
    said = "\n".join(file.read_text(errors="replace") for file in lists)
    files = _there(root, *_PLACES, *_NAMED.findall(said))
    known = {file: set(fingerprints(file.read_bytes())) for file in (*files, *_there(root, _SHARED))}
    trusted = sorted({fingerprint[-8:] for found in known.values() for fingerprint in found})
    right = any(pin in found for found in known.values()) or pin in map(_sum, files)
    days = dict(text.split("=") for text in former)
    old = next((key for key in trusted if key in days), "")
    if old:
        still = ", and is trusted still" if right else ""
        return _refuse(root, known, f"key {old} was replaced by {name} on {days[old]}{still}")
    if right or not (files or lists) or (not files and _FETCHED.search(said)):
        return 0
    found = ", ".join(trusted) or "no key at all"
    return _refuse(root, (*lists, *known), f"{found} is trusted, and {name} signs the packages")


def _there(root: str, *places: str) -> list[Path]:
    """The files at these places, by patterns; each once."""
    found = (file for place in places for file in sorted(Path(root).glob(place)) if file.is_file())
    return list(dict.fromkeys(found))


def _refuse(root: str, files: Iterable[Path], why: str) -> int:
    places = ", ".join(f"/{file.relative_to(root)}" for file in files)
    print(f"GPG check would fail: {why}", file=sys.stderr)
    print(f"{places}: take a newer base, or one without the list and the key", file=sys.stderr)
    return 1


def fingerprints(content: bytes) -> Iterator[str]:
    """The fingerprints of the public keys in a keyring, armored or not."""
    data = _bare(content)
    while data and data[0] & 0x80:  # GnuPG's keyboxes begin otherwise, and apt does not read them either
        tag, length, head = _packet(data)
        body, data = data[head : head + length], data[head + length :]
        if tag == _PUBLIC_KEY and body[:1] == bytes([_VERSION]):
            text = b"\x99" + len(body).to_bytes(2, "big") + body
            yield hashlib.sha1(text).hexdigest().upper()  # noqa: S324  it is what fingerprints are


def _bare(content: bytes) -> bytes:
    if not content.lstrip().startswith(_ARMOR):
        return content
    block = content.split(b"-----")[2].replace(b"\r", b"")
    lines = block.partition(b"\n\n")[2].split(b"\n")
    return base64.b64decode(b"".join(line for line in lines if not line.startswith(b"=")))


def _packet(data: bytes) -> tuple[int, int, int]:
    """The tag of the first packet, the length of its body, and where that begins. No key is in parts."""
    first = data[0]
    if not first & 0x40:
        size = (1, 2, 4)[first & 3]
        return first >> 2 & 15, int.from_bytes(data[1 : 1 + size], "big"), 1 + size
    one = data[1]
    if one < 192:  # noqa: PLR2004  lengths of one, two and five octets
        return first & 63, one, 2
    if one < 224:  # noqa: PLR2004
        return first & 63, (one - 192 << 8) + data[2] + 192, 3
    return first & 63, int.from_bytes(data[2:6], "big"), 6


def _sum(file: Path) -> str:
    lines = file.read_bytes().splitlines(keepends=True)
    return hashlib.sha256(b"".join(line for line in lines if not line.startswith(b"Version"))).hexdigest()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

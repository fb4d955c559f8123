"""Compare the keys that a root trusts for NVIDIA's packages with the one that signs them today.

Usage: keys.py ROOT ID PIN [FORMER=DAY ...]
PIN is the key's fingerprint, or the SHA-256 of its file without the line `Version`; FORMER are the ids of
keys that it replaced, each with the day from which they sign nothing.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

_PLACES = (
    *("usr/share/keyrings/cuda*", "etc/apt/keyrings/cuda*", "etc/apt/trusted.gpg.d/cuda*"),
    "etc/pki/rpm-gpg/RPM-GPG-KEY-NVIDIA*",
)
_ARMOR = b"-----BEGIN"
# RFC 9580: the tag of a public key, and the version whose fingerprint is a SHA-1.
_PUBLIC_KEY, _VERSION = 6, 4


def main(root: str, name: str, pin: str, *former: str) -> int:
    """Exit status 1 when a key is trusted, and none of them is the right one."""
    files = [file for place in _PLACES for file in sorted(Path(root).glob(place)) if file.is_file()]
    known = {fingerprint for file in files for fingerprint in fingerprints(file.read_bytes())}
    if not files or pin in known or pin in map(_sum, files):
        return 0
    days = dict(text.split("=") for text in former)
    trusted = sorted(fingerprint[-8:] for fingerprint in known)
    for old in trusted:
        if old in days:
            print(f"GPG check would fail: key {old} was replaced by {name} on {days[old]}", file=sys.stderr)
            break
    else:
        found = ", ".join(trusted) or "no key at all"
        print(f"GPG check would fail: {found} is trusted, and {name} signs the packages", file=sys.stderr)
    print(f"{', '.join(map(str, files))}: take a newer base, or one without the list", file=sys.stderr)
    return 1


def fingerprints(content: bytes) -> Iterator[str]:
    """The fingerprints of the public keys in a keyring, armored or not."""
    data = _bare(content)
    while data:
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

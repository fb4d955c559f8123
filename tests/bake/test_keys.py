"""The keys that bases trust for NVIDIA's packages, in made-up roots with keys of the test's own making."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from builder.bake import context

DEB, RPM = "usr/share/keyrings/cuda-archive-keyring.gpg", "etc/pki/rpm-gpg/RPM-GPG-KEY-NVIDIA"
OURS, OLD, OTHER = (b"\x04" + name * 60 for name in (b"ours", b"older", b"other"))


def fingerprint(key: bytes) -> str:
    text = b"\x99" + len(key).to_bytes(2, "big") + key
    return hashlib.sha1(text).hexdigest().upper()  # noqa: S324  it is what fingerprints are


def packet(key: bytes, *, old: bool = True) -> bytes:
    """A public key with a header of the old format or the new, and a user's name after it."""
    size = len(key)
    long = bytes([0xC6, 192 + (size - 192 >> 8), size - 192 & 255])
    head = b"\x99" + size.to_bytes(2, "big") if old else long
    return head + key + b"\xb4\x04name"


def armored(content: bytes) -> bytes:
    """The same as text."""
    begin, end = (b"-----%s PGP PUBLIC KEY BLOCK-----\n" % word for word in (b"BEGIN", b"END"))
    return begin + b"Version: 1\n\n" + base64.encodebytes(content) + b"=abcd\n" + end


def compare(root: Path, pin: str, place: str = "", content: bytes = b"") -> subprocess.CompletedProcess[str]:
    if place:
        (root / place).parent.mkdir(parents=True)
        (root / place).write_bytes(content)
    words = [fingerprint(OURS)[-8:], pin, f"{fingerprint(OLD)[-8:]}=2022-04-27"]
    command = [sys.executable, str(context.path() / "keys.py"), str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "content",
    [packet(OURS), packet(OURS, old=False), armored(packet(OURS)), packet(OTHER) + packet(OURS)],
    ids=["old format", "new format", "text", "second"],
)
def test_the_right_key_is_known_by_its_fingerprint(tmp_path: Path, content: bytes) -> None:
    done = compare(tmp_path, fingerprint(OURS), DEB, content)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_right_key_is_known_by_its_file(tmp_path: Path) -> None:
    content = armored(packet(OURS))
    pin = hashlib.sha256(content.replace(b"Version: 1\n", b"")).hexdigest()
    assert compare(tmp_path, pin, RPM, content).returncode == 0


def test_a_base_without_the_repository_needs_no_key(tmp_path: Path) -> None:
    assert compare(tmp_path, fingerprint(OURS)).returncode == 0


def test_a_key_that_was_replaced_is_named_with_the_day(tmp_path: Path) -> None:
    done = compare(tmp_path, fingerprint(OURS), DEB, packet(OLD))
    assert done.returncode == 1
    old, new = fingerprint(OLD)[-8:], fingerprint(OURS)[-8:]
    assert f"GPG check would fail: key {old} was replaced by {new} on 2022-04-27" in done.stderr
    assert f"{tmp_path / DEB}: take a newer base" in done.stderr


@pytest.mark.parametrize("content", [packet(OTHER, old=False), b"\xb4\x04name"], ids=["another", "none"])
def test_a_key_that_nobody_knows_is_refused(tmp_path: Path, content: bytes) -> None:
    done = compare(tmp_path, fingerprint(OURS), DEB, content)
    assert done.returncode == 1
    assert "GPG check would fail:" in done.stderr

"""The keys that bases trust for NVIDIA's packages, in made-up roots with keys of the test's own making."""

import base64
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from builder.bake import context

DEB, RPM = "usr/share/keyrings/cuda-archive-keyring.gpg", "etc/pki/rpm-gpg/RPM-GPG-KEY-NVIDIA"
SHARED = "etc/apt/trusted.gpg"
APT, DNF = "etc/apt/sources.list.d/cuda.list", "etc/yum.repos.d/cuda.repo"
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


def write(root: Path, place: str, content: bytes) -> None:
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_bytes(content)


def compare(root: Path, pin: str, place: str = "", content: bytes = b"") -> subprocess.CompletedProcess[str]:
    if place:
        write(root, place, content)
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
    assert f"\n/{DEB}: take a newer base" in done.stderr


def test_a_key_that_was_replaced_is_not_trusted_beside_the_right_one_either(tmp_path: Path) -> None:
    write(tmp_path, SHARED, packet(OLD))
    done = compare(tmp_path, fingerprint(OURS), DEB, packet(OURS))
    assert done.returncode == 1
    assert "on 2022-04-27, and is trusted still" in done.stderr
    assert f"/{DEB}, /{SHARED}: take" in done.stderr


@pytest.mark.parametrize(("key", "status"), [(OURS, 0), (OLD, 1), (OTHER, 1)], ids=["right", "old", "other"])
def test_what_apt_key_added_is_looked_at(tmp_path: Path, key: bytes, status: int) -> None:
    write(tmp_path, APT, b"deb https://example.com/ /\n")
    assert compare(tmp_path, fingerprint(OURS), SHARED, packet(key)).returncode == status


def test_keys_of_others_are_nobodys_business_where_nvidias_packages_are_not_listed(tmp_path: Path) -> None:
    assert compare(tmp_path, fingerprint(OURS), SHARED, packet(OTHER)).returncode == 0


@pytest.mark.parametrize("place", [APT, DNF])
def test_a_list_without_any_key_is_refused(tmp_path: Path, place: str) -> None:
    done = compare(tmp_path, fingerprint(OURS), place, b"[cuda]\nbaseurl=https://example.com/\n")
    assert done.returncode == 1
    assert f"no key at all is trusted, and {fingerprint(OURS)[-8:]} signs" in done.stderr
    assert f"\n/{place}: take" in done.stderr


def test_a_key_that_dnf_fetches_is_that_of_the_day(tmp_path: Path) -> None:
    content = b"[cuda]\ngpgkey=https://example.com/D42D0685.pub\n"
    assert compare(tmp_path, fingerprint(OURS), DNF, content).returncode == 0


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (APT, "deb [arch=amd64 signed-by=/own/keys/ring.gpg] https://example.com/ /"),
        (APT, "Types: deb\nSigned-By: /own/keys/ring.gpg\n"),
        (DNF, "[cuda]\ngpgkey = file:///own/keys/ring.gpg\n"),
    ],
    ids=["one line", "deb822", "dnf"],
)
@pytest.mark.parametrize(("key", "status"), [(OURS, 0), (OTHER, 1)], ids=["right", "other"])
def test_a_key_is_where_the_list_says(tmp_path: Path, place: str, text: str, key: bytes, status: int) -> None:
    write(tmp_path, place, text.encode())
    assert compare(tmp_path, fingerprint(OURS), "own/keys/ring.gpg", packet(key)).returncode == status


@pytest.mark.parametrize("content", [packet(OTHER, old=False), b"\xb4\x04name"], ids=["another", "none"])
def test_a_key_that_nobody_knows_is_refused(tmp_path: Path, content: bytes) -> None:
    done = compare(tmp_path, fingerprint(OURS), DEB, content)
    assert done.returncode == 1
    assert "GPG check would fail:" in done.stderr

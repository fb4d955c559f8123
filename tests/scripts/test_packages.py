"""What apt may change, and where its sources come from."""

from pathlib import Path

import pytest

from tests.scripts.conftest import bash

SIMULATION = """\
Inst runc (1.1.5 Debian:12/oldstable [amd64])
Inst docker.io [20.10.24] (28.5.2 Debian:unstable [amd64])
Conf docker.io (28.5.2 Debian:unstable [amd64])
"""


def unwanted(simulation: str) -> str:
    code = f"unwanted_changes docker.io docker-buildx <<'TEXT'\n{simulation}TEXT\n"
    return bash(code, "common", "apt", "packages").stdout


def test_new_packages_and_those_asked_for_may_change() -> None:
    assert unwanted(SIMULATION) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Inst libc6 [2.36-9] (2.41-1 Debian:unstable [amd64])\n", "upgrades libc6\n"),
        ("Inst docker [1.5] (1.6 Debian:unstable [amd64])\n", "upgrades docker\n"),
        ("Remv podman [4.3.1]\n", "removes podman\n"),
    ],
)
def test_anything_else_is_named(line: str, said: str) -> None:
    assert unwanted(SIMULATION + line) == said


STANZAS = """\
Types: deb
# a comment
URIs: http://mirror.test/debian
Suites: bookworm
  bookworm-updates
Components: main
Architectures: amd64
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
Components: main
"""


def test_a_stanza_keeps_its_mirror_and_key_and_gets_another_suite(tmp_path: Path) -> None:
    file = tmp_path / "debian.sources"
    file.write_text(STANZAS)
    made = bash(f"source_for {file}:1 'sid trixie' main", "common", "apt").stdout
    assert made.splitlines() == [
        "URIs: http://mirror.test/debian",
        "Signed-By:",
        " -----BEGIN PGP PUBLIC KEY BLOCK-----",
        " .",
        " abc",
        "Types: deb",
        "Suites: sid trixie",
        "Components: main",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("deb http://mirror.test/debian bookworm main contrib", "deb http://mirror.test/debian sid main"),
        (
            "deb [ arch=amd64 signed-by=/k.gpg ] http://mirror.test/debian bookworm main",
            "deb [ signed-by=/k.gpg ] http://mirror.test/debian sid main",
        ),
        (
            "deb [arch=amd64] http://mirror.test/debian bookworm main",
            "deb [] http://mirror.test/debian sid main",
        ),
    ],
)
def test_a_line_keeps_its_mirror_and_key_and_gets_another_suite(tmp_path: Path, line: str, made: str) -> None:
    file = tmp_path / "debian.list"
    file.write_text(f"# the archive\n{line}\ndeb http://other.test/ x y\n")
    assert bash(f"source_for {file}:2 sid main", "common", "apt").stdout == made + "\n"


@pytest.mark.parametrize(
    ("found", "minimum", "enough"),
    [
        ("28.5.2+dfsg4-5", "25", True),
        ("1:10.0.13+ds-0+deb13u1", "8", True),
        ("0.29.1+ds1", "0.13", True),
        ("0.13", "0.13", True),
        ("v0.9.1", "0.13", False),
        ("1:7.2+dfsg-7+deb12u18", "8", False),
        ("20.10.24+dfsg1", "25", False),
        ("(none)", "0.13", False),
        ("", "8", False),
    ],
)
def test_versions(found: str, minimum: str, enough: bool) -> None:
    assert (bash(f"version_at_least '{found}' {minimum}", "common").returncode == 0) is enough

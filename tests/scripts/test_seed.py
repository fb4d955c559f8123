"""Base images made from the machine's own packages."""

import os
import subprocess
import tempfile

import pytest

from tests.scripts.conftest import SCRIPTS


def digest() -> str:
    """The manifest's digest, built in a state folder that nobody has used."""
    with tempfile.TemporaryDirectory(prefix="cib-") as state:
        done = subprocess.run(
            [SCRIPTS / "seed-bases", "--digest", "amd64"],
            env=os.environ | {"CIB_STATE": state},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.engine
def test_the_same_packages_give_the_same_digest() -> None:
    first = digest()
    assert first.startswith("linux/amd64 sha256:")
    assert digest() == first


def test_an_unknown_base_prints_the_usage() -> None:
    done = subprocess.run([SCRIPTS / "seed-bases", "slackware"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "debian12" in done.stderr


def test_an_ordinary_user_is_told_what_unpacking_a_system_needs() -> None:
    # As text: another user may not read the checkout.
    parts = "".join((SCRIPTS / f"lib/{name}.sh").read_text() for name in ("common", "rootfs"))
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-s"],
        input=f"{parts}\nPATH=/nowhere\nensure_mmdebstrap\n",
        env={"HOME": "/nowhere", "PATH": os.environ["PATH"]},
        cwd="/",
        user=None if os.getuid() else 65534,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 10, done.stderr
    assert "install the package uidmap" in done.stderr

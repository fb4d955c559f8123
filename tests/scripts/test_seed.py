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

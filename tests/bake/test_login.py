"""What login shells are told of PATH, as a rendered Dockerfile has it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.bake.goldens import FOLDER

NAME = "13_0_3-devel-debian12-py3_11-wheels-amd64.Dockerfile"
BEFORE = "/opt/venv/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    text = (FOLDER / NAME).read_text()
    found = re.search(r"^COPY <<'PROFILE' \S+\n(.*?)^PROFILE$", text, re.MULTILINE | re.DOTALL)
    assert found
    file = tmp_path / "profile.sh"
    file.write_text(found[1])
    return file


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize(
    ("path", "becomes"),
    [
        ("/usr/bin:/bin", f"{BEFORE}:/usr/bin:/bin"),
        (f"{BEFORE}:/usr/bin:/bin", f"{BEFORE}:/usr/bin:/bin"),
        (f"/opt/mine:{BEFORE}", f"/opt/mine:{BEFORE}"),
        ("/opt/venv/binary:/bin", f"{BEFORE}:/opt/venv/binary:/bin"),
    ],
    ids=["set anew", "kept", "kept behind a user's own", "of a similar name"],
)
def test_path_begins_as_the_images_own_and_once(profile: Path, shell: str, path: str, becomes: str) -> None:
    script = f"set -eu; PATH={path}; . {profile}; . {profile}; echo $PATH"
    done = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == becomes

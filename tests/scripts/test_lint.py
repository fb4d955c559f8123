"""Every script passes shellcheck, and the check can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts.conftest import SCRIPTS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("*cache*"))
    shutil.copy(SCRIPTS.parent / ".shellcheckrc", tmp_path)
    return tmp_path / "scripts"


def lint(scripts: Path) -> subprocess.CompletedProcess[str]:
    tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [scripts / "lint-shell"]
    return subprocess.run(
        command, env=os.environ | {"PATH": tools}, capture_output=True, text=True, check=False
    )


def test_all_scripts_are_clean() -> None:
    done = lint(SCRIPTS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["quickstart", "lib/daemon.sh"])
def test_a_fault_is_found_in_entry_points_and_in_parts(copy: Path, name: str) -> None:
    with (copy / name).open("a") as script:
        script.write("rm $unquoted/*\n")
    done = lint(copy)
    assert done.returncode != 0
    assert "SC2086" in done.stdout

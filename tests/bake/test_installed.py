"""What is installed from a wheel plans what a checkout plans: the same images with the same keys."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from builder.matrix import lock as locks
from tests.automation.tools import venv
from tests.bake.samples import loaded, locked

ROOT = Path(__file__).parents[2]
TEXT = """
release: 127.0.0.1:1/acme/cuda
staging: 127.0.0.1:1/acme/staging
axes: {platform: [linux/amd64, linux/arm64]}
include: [{cuda: cpu, os: debian12}]
build: {sbom: none}
tags: {release: "{cuda}-{os}-{epoch:%Y%m%d}"}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([venv("uv"), "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As pip installs it, which compiles every file of Python that it finds."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, folder, wheel], check=True)
    return folder


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("family") / "matrix.yaml"
    file.write_text(TEXT)
    file.with_suffix(".lock").write_text(locks.dump(locked(loaded(TEXT))))
    return file


def targets(code: Path, matrix: Path) -> dict[str, dict[str, Any]]:
    """What `bake --print` makes of the matrix with the code in this folder, without where its context is."""
    shown = subprocess.run(
        [sys.executable, "-m", "builder", "bake", "--print", "-f", matrix],
        cwd=matrix.parent,
        env={**os.environ, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=True,
    )
    made: dict[str, dict[str, Any]] = json.loads(shown.stdout)["target"]
    assert all(Path(matrix.parent, target.pop("context")).is_relative_to(code) for target in made.values())
    return made


def test_a_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    names = [name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.partition("/")[0] for name in names} == {"builder"}
    tracked = subprocess.run(
        ["git", "ls-files", "builder", "dockerfiles"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = {name.replace("dockerfiles/", "builder/dockerfiles/") for name in tracked.stdout.split()}
    assert set(names) == expected


def test_both_plan_the_same(installed: Path, matrix: Path) -> None:
    assert list(installed.rglob("dockerfiles/context/__pycache__/*.pyc"))
    assert targets(installed, matrix) == targets(ROOT, matrix)


def test_a_changed_file_of_the_context_is_seen(installed: Path, matrix: Path) -> None:
    file = installed / "builder/dockerfiles/context/take"
    content = file.read_text()
    file.write_text(content + "# changed\n")
    try:
        assert targets(installed, matrix) != targets(ROOT, matrix)
    finally:
        file.write_text(content)

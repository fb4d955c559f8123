"""Faults in the builder's own templates and context, in a copy of it: each is one error, with its place."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.model.errors import ExitCode

ROOT = Path(__file__).parents[2]
RENDER = """
from builder.cli.errors import report_error
from builder.model.errors import BuilderError
from tests.bake.samples import all_builds
try:
    all_builds()
except BuilderError as error:
    raise SystemExit(report_error(error))
"""


def _undefined(templates: Path) -> str:
    part = templates / "parts/cuda.j2"
    lines = part.read_text().splitlines()
    part.write_text("\n".join([*lines, "# {{ no_such_value }}", ""]))
    return f"parts/cuda.j2:{len(lines) + 1}:1"


def _unclosed(templates: Path) -> str:
    skeleton = templates / "Dockerfile.j2"
    skeleton.write_text("FROM base\n{% if packages\n" + skeleton.read_text())
    return "Dockerfile.j2:"


def _gone(templates: Path) -> str:
    (templates / "context/gone").symlink_to("never-there")
    return "context/gone"


def _leads_out(templates: Path) -> str:
    (templates / "context/out").symlink_to("/etc/hostname")
    return "context/out"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (_undefined, "'no_such_value' is undefined"),
        (_unclosed, "the template is broken"),
        (_gone, "cannot be read: No such file or directory"),
        (_leads_out, "a link that leads out of it"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, fault: Callable[[Path], str], said: str) -> None:
    for name in ("builder", "dockerfiles", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert render(tmp_path).returncode == 0
    where = fault(tmp_path / "dockerfiles")
    done = render(tmp_path)
    assert done.returncode == ExitCode.TEMPLATE, done.stderr
    assert said in done.stderr
    assert where in done.stderr


def render(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RENDER], cwd=folder, capture_output=True, text=True, check=False
    )

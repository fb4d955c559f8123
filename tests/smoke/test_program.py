"""The probe is one text that any Python from 3.9 on can run, and that fits into an argument."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import builder.smoke
from builder.model.cell import Level
from builder.smoke.probes.checks import ALL
from builder.smoke.probes.frames import frames
from builder.smoke.program import probe_digest, program

from .samples import messages, promise

SOURCES = sorted((Path(builder.smoke.__file__).parent / "probes").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_source_is_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_source_needs_only_itself_and_the_standard_library(path: Path) -> None:
    known = {*sys.stdlib_module_names, "builder"}
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert {name.split(".")[0] for name in names} <= known
        assert all(name.startswith("builder.smoke.probes") for name in names if name.startswith("builder"))


def test_it_fits_into_one_argument() -> None:
    assert len(program()) < 128 << 10


def test_the_same_sources_give_the_same_digest() -> None:
    code = "from builder.smoke.program import probe_digest; print(probe_digest())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("0", "1")
    }
    assert seen == {str(probe_digest())}


def test_it_reports_every_check_that_is_demanded() -> None:
    text = promise(Level.CPU)
    done = subprocess.run([sys.executable, "-c", program().decode(), text], capture_output=True, check=True)
    reported = list(frames(done.stdout))
    assert reported[0] == messages(text)[0]
    assert reported[-1] == messages(text)[-1]
    wanted = {message["done"] for message in messages(text) if "done" in message}
    assert {message["done"] for message in reported[1:-1]} == wanted


def test_a_promise_that_it_does_not_know_is_no_report() -> None:
    text = json.dumps({"machine": "x86_64", "flavour": "base"})
    done = subprocess.run([sys.executable, "-c", program().decode(), text], capture_output=True, check=False)
    assert done.returncode
    assert list(frames(done.stdout)) == []


def test_checks_have_ids_of_their_own_and_say_what_they_prove() -> None:
    assert len({check.id for check in ALL}) == len(ALL)
    assert all(check.proves and check.limit > 0 for check in ALL)

"""Bad input gives one clear error with its exit code, and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.conftest import CPU, SEEDED, matrix_text

ROOT = Path(__file__).parents[2]


def builder(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "builder", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "matrix.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


GOOD = matrix_text("127.0.0.1:1", CPU)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", 2, "empty"),
        (b"\xff\xfe\x00", 2, "not readable"),
        (b"a: \x00", 2, "NUL"),
        ("release: [", 2, "not YAML"),
        (GOOD + "colour: red\n", 2, "unknown key `colour`"),
        (GOOD + "axes: {}\n", 2, "twice"),
        (GOOD.replace("cuda: cpu", "cuda: 12.10"), 2, "12.10 without quotes"),
        (GOOD.replace("cuda: cpu, os: debian12", "cuda: cpu, os: debian21"), 4, "debian21"),
        (matrix_text("127.0.0.1:1").replace("include:\n\n", ""), 3, "no cells"),
    ],
    ids=[
        "empty",
        "not UTF-8",
        "NUL",
        "not YAML",
        "unknown key",
        "duplicate",
        "unquoted",
        "unknown OS",
        "no cells",
    ],
)
def test_a_bad_matrix(tmp_path: Path, text: str | bytes, code: int, says: str) -> None:
    done = builder("bake", "-f", write(tmp_path, text))
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "matrix.yaml:" in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_no_matrix(tmp_path: Path) -> None:
    done = builder("check", "-f", tmp_path / "none.yaml")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr + done.stdout


def test_a_registry_that_is_down_before_the_work(tmp_path: Path) -> None:
    done = builder("lock", "-f", write(tmp_path, GOOD.replace(f"{SEEDED}/", "127.0.0.1:1/")))
    assert done.returncode == 23
    assert "next:" in done.stderr
    assert not (tmp_path / "matrix.lock").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("bake", "--shard", "3/2"), 3),
        (("bake", "colour=red"), 3),
        (("bake", "no-such-target"), 3),
        (("bake", "--jobs", "0"), 2),
        (("bake", "--no-such-flag"), 2),
        (("no-such-command",), 2),
    ],
)
def test_bad_flags(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    command, *rest = arguments
    file = write(tmp_path, GOOD)
    (tmp_path / "matrix.lock").write_text(LOCK)
    done = builder(command, "-f", file, *rest) if command == "bake" else builder(command)
    assert done.returncode == code, done.stderr
    assert "next:" in done.stderr
    assert "Traceback" not in done.stderr


LOCK = f"""version: 1
epoch: 2026-11-21
bases:
  docker.io/library/debian:12-slim:
    index: sha256:{"0" * 64}
    linux/amd64: sha256:{"1" * 64}
    seen: 2026-11-21
    place: 127.0.0.1:1/library/debian
wheels:
  "linux/amd64 py3.11 pip":
    - pip==26.0 sha256:{"2" * 64}
"""


def test_no_engine(tmp_path: Path) -> None:
    from tests.servers.registry import registry_server

    with registry_server(tmp_path / "registry") as server:
        (tmp_path / "matrix.lock").write_text(LOCK)
        file = write(tmp_path, matrix_text(server.host, CPU))
        done = builder("bake", "-f", file, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 10
    assert f"{tmp_path}/none.sock" in done.stderr
    assert "scripts/engine up" in done.stderr


def test_a_bug_writes_a_crash_log_without_the_environment(tmp_path: Path) -> None:
    program = (
        "import sys, builder.cli.errors as e\n"
        "try: raise RuntimeError('planted')\n"
        "except RuntimeError as error: sys.exit(e.report_bug(error, ['bake', 'token=hunter2']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(tmp_path), "REGISTRY_TOKEN": "hunter2"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    (log,) = tmp_path.glob("cuda-image-builder-crash-*.log")
    assert str(log) in done.stderr
    assert "RuntimeError: planted" in log.read_text()
    assert "hunter2" not in log.read_text() + done.stderr

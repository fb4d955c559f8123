"""What a run shows: bars on a terminal of any size, lines in a log, JSON, and little when quiet."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.matrix import lock as locks
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.pipeline.project import lock_path
from tests.pipeline.conftest import CPU, Family
from tests.pipeline.tiny import tiny
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/events.md").read_text()
ESCAPE = "\x1b["


@pytest.fixture
def small(tmp_path: Path, server: RegistryServer) -> Family:
    """One image that takes a moment."""
    return Family(tiny(tmp_path / "small", server.host, platforms=["linux/amd64"]), server)


def command(family: Family, *words: str) -> list[str]:
    return [sys.executable, "-m", "builder", "bake", "-f", str(family.file), *words]


def bake(family: Family, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(family, *words), cwd=ROOT, capture_output=True, text=True, check=False)


def events(family: Family) -> list[dict[str, Any]]:
    """What is printed, each line parsed, and every field of it looked for in the documentation."""
    found = [json.loads(line) for line in bake(family, "--progress", "json").stdout.splitlines()]
    for event in found:
        assert all(f"`{word}`" in PAGE for word in (event["event"], *event)), event
    return found


def tamper(family: Family) -> None:
    """Have the lock ask for wheels that nobody has."""
    path = lock_path(family.file)
    lock = locks.parse(path.read_bytes(), str(path))
    wheels = {
        name: tuple(replace(wheel, digest=Digest.of(b"tampered")) for wheel in found)
        for name, found in lock.wheels.items()
    }
    path.write_text(locks.dump(replace(lock, wheels=wheels)))


def test_events_of_a_build_of_a_failure_and_of_nothing(family: Callable[..., Family]) -> None:
    made = family(CPU)
    right = lock_path(made.file).read_text()
    tamper(made)
    failed = events(made)
    assert [event["event"] for event in failed if event["event"] != "progress"] == ["disk", "build", "end"]
    assert failed[-2]["outcome"] == "failed"
    assert failed[-2]["log"]
    assert failed[-2]["reproduce"].startswith("python -m builder bake")
    assert failed[-1]["code"] == ExitCode.BUILD_FAILED
    quiet = bake(made, "--progress", "quiet").stdout
    assert "failed: " in quiet.splitlines()[0]
    assert "  again: python -m builder bake" in quiet

    lock_path(made.file).write_text(right)
    built = events(made)
    kinds = [event["event"] for event in built]
    assert kinds.count("progress") > 1
    assert [kind for kind in kinds if kind != "progress"] == ["disk", "build", "testing", "test", "end"]
    by_kind = {event["event"]: event for event in built}
    assert by_kind["build"]["outcome"] == "built"
    assert by_kind["test"] | {"outcome": "passed", "objections": []} == by_kind["test"]
    assert by_kind["test"]["digest"] == by_kind["build"]["digest"]
    assert (by_kind["end"]["code"], by_kind["end"]["built"]) == (0, 1)

    (nothing,) = events(made)
    assert (nothing["event"], nothing["reused"], nothing["writes"]) == ("end", 1, 0)


def test_a_log_has_lines_and_quiet_the_table_alone(small: Family) -> None:
    plain = bake(small, "--no-smoke").stdout
    assert ESCAPE not in plain
    assert plain.startswith("disk: ")
    assert re.search(r"^\S+: built [0-9a-f:]+\S* in ", plain, re.MULTILINE), plain
    quiet = bake(small, "--no-smoke", "--progress", "quiet").stdout
    assert quiet.startswith("image ")
    assert "1 unchanged" in quiet


def test_bars_survive_a_terminal_that_changes_its_size(small: Family) -> None:
    ours, theirs = pty.openpty()
    resize(theirs, 40, 160)
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    with subprocess.Popen(
        command(small, "--no-smoke"), cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = read(ours, lambda count: resize(ours, 10, 30 if count % 2 else 120))
    os.close(ours)
    assert process.returncode == 0, shown
    assert ESCAPE in shown
    assert "━" in shown
    assert "\x1b[?25h" in shown, "the cursor is left hidden"
    assert shown.rstrip().splitlines()[-1].startswith("1 built; ")


def resize(terminal: int, rows: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(terminal: int, between: Callable[[int], None]) -> str:
    """All that a terminal shows until its program ends; `between` is called after each piece."""
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # how Linux says that nobody has the other end any more
            piece = b""
        if not piece:
            return b"".join(pieces).decode(errors="replace")
        pieces.append(piece)
        between(len(pieces))


def test_events_and_a_release_do_not_go_together(small: Family) -> None:
    refused = bake(small, "--progress", "json", "--release")
    assert refused.returncode == ExitCode.MATRIX
    assert "release --format json" in refused.stderr

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
from pathlib import Path
from typing import Any

import pytest

from builder.bake import staging
from builder.bake.labels import KEY
from builder.model.descriptor import MANIFEST
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.registry import Registry
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


def events(family: Family, *words: str) -> list[dict[str, Any]]:
    """What is printed, each line parsed, and every field of it looked for in the documentation."""
    found = [json.loads(line) for line in bake(family, *words, "--progress", "json").stdout.splitlines()]
    for event in found:
        assert all(f"`{word}`" in PAGE for word in (event["event"], *event)), event
    return found


def with_app(family: Family, dockerfile: str) -> Family:
    """The family with an app of this Dockerfile."""
    matrix = json.loads(family.file.read_text())
    tags = {"release": "app-{cuda}-{epoch:%Y%m%d}"}
    matrix["apps"] = {"app": {"context": "app", "test": ["true"], "tags": tags}}
    family.file.write_text(json.dumps(matrix))
    folder = family.file.parent / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text(dockerfile)
    return family


def test_events_of_a_failure(small: Family) -> None:
    made = with_app(small, "FROM cudnn-devel\nRUN echo no input && false\n")
    told = [event for event in events(made, "--no-smoke") if event["event"] != "progress"]
    kinds = [event["event"] for event in told]
    assert kinds == ["disk", "outlook", "build", "outlook", "build", "outlook", "end"]
    failed, end = told[-3], told[-1]
    assert failed["outcome"] == "failed"
    assert "no input" in failed["log"]
    assert failed["reproduce"].startswith("python -m builder bake")
    assert end["code"] == ExitCode.BUILD_FAILED
    quiet = bake(made, "--no-smoke", "--progress", "quiet").stdout
    assert "failed: " in quiet.splitlines()[0]
    assert "  again: python -m builder bake" in quiet


def test_events_of_a_build_and_of_nothing(family: Callable[..., Family]) -> None:
    made = family(CPU)
    built = events(made)
    kinds = [event["event"] for event in built]
    assert kinds.count("progress") > 1
    others = [kind for kind in kinds if kind not in ("progress", "testing")]
    assert others == ["disk", "outlook", "build", "outlook", "test", "end"]
    assert kinds.count("testing") == 1
    by_kind = {event["event"]: event for event in built}
    assert by_kind["build"]["outcome"] == "built"
    assert {"name", "seconds", "cached"} == set(by_kind["build"]["steps"][0])
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
    built_before(small, 300)
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
    assert re.search(r"(5 min|29\d s|4 min) left", shown), shown
    assert "\x1b[?25h" in shown, "the cursor is left hidden"
    assert shown.rstrip().splitlines()[-1].startswith("1 built; ")


def built_before(family: Family, seconds: int) -> None:
    """Have staging say that another image of this target took so long to build."""
    (build,) = family.work().builds
    key, place = Digest.of(b"before"), build.staging
    with Registry() as registry:
        config = registry.put_blob(place, b"{}")
        data = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.json(),
            "layers": [],
            "annotations": {KEY: str(key)},
        }
        for tag in (staging.last_tag(build.name), staging.time_tag(key, seconds)):
            registry.put_manifest(place, json.dumps(data).encode(), MANIFEST, tag=tag)


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

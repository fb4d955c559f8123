"""Bad days: another run at the same time, a clock that is off, a machine that cannot run what it builds."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Cause, Failed, Reused
from builder.pipeline.bake import Options
from builder.pipeline.inputs.project import lock_path
from tests.pipeline.conftest import Family
from tests.pipeline.runs import run
from tests.pipeline.tiny import tiny
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
UNTESTED = Options(smoke=False, pause=0)
# An ELF file for IBM's mainframes, as far as the kernel looks at it.
FOREIGN = b"\x7fELF\x02\x02\x01" + bytes(9) + b"\x00\x02\x00\x16" + bytes(44)


@pytest.fixture
def small(tmp_path: Path, server: RegistryServer) -> Family:
    """Two images that take a moment."""
    return Family(tiny(tmp_path / "small", server.host, 2, ["linux/amd64"]), server)


def test_two_runs_at_once_both_end_right(small: Family) -> None:
    command = [sys.executable, "-m", "builder", "bake", "-f", str(small.file), "--no-smoke"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=pipe, text=True) as one,
        subprocess.Popen(command, cwd=ROOT, stdout=pipe, text=True) as other,
    ):
        said = [process.communicate()[0] for process in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    after = run(small, options=UNTESTED)
    assert after.count(Reused) == 2
    again = run(small, options=UNTESTED)
    assert [result.build for result in again.results] == [result.build for result in after.results]
    assert (again.requests.total, again.requests.writes) == (1, 0)


def test_an_epoch_that_the_engine_has_not_reached_is_refused(small: Family) -> None:
    lock = lock_path(small.file)
    right = lock.read_text()
    lock.write_text(right.replace("\nepoch: 2", "\nepoch: 3", 1))
    with pytest.raises(BuilderError, match="the engine's clock says") as refused:
        run(small, options=UNTESTED)
    assert refused.value.code is ExitCode.TOOL_MISSING
    lock.write_text(right)
    assert run(small, options=UNTESTED).count(Built) == 2


def with_app(family: Family, dockerfile: str) -> Path:
    """Add an app to the family; returns its folder."""
    matrix = json.loads(family.file.read_text())
    tags = {"release": "app-{cuda}-{epoch:%Y%m%d}"}
    matrix["apps"] = {"app": {"context": "app", "match": {"cuda": "13.0.0"}, "test": ["true"], "tags": tags}}
    family.file.write_text(json.dumps(matrix))
    folder = family.file.parent / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text(dockerfile)
    return folder


def test_a_machine_that_cannot_run_the_platform_is_called_that(small: Family) -> None:
    folder = with_app(small, 'FROM cudnn-devel\nCOPY --chmod=755 foreign /\nRUN ["/foreign"]\n')
    (folder / "foreign").write_bytes(FOREIGN)
    over, app = (result.build for result in run(small, "app=app", options=UNTESTED).results)
    assert isinstance(over, Built)
    assert isinstance(app, Failed)
    assert app.cause is Cause.PLATFORM
    assert "/foreign" in app.step


class Recovering(BaseHTTPRequestHandler):
    """Cannot answer the first time."""

    asked = 0

    def do_GET(self) -> None:
        """As HTTP has it."""
        type(self).asked += 1
        self.send_response(200 if self.asked > 1 else 503)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


def test_a_network_that_comes_back_costs_a_second_try(small: Family) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Recovering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with_app(small, f"FROM cudnn-devel\nADD http://127.0.0.1:{server.server_port}/{uuid4()} /file\n")
        _, app = (result.build for result in run(small, "app=app", options=UNTESTED).results)
        server.shutdown()
    assert isinstance(app, Built)
    assert app.retried is Cause.NETWORK

"""The workflow `images`, run here from its files: it ends with a release, and a second run does nothing."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builder.matrix import lock as locks
from builder.model.reference import Repository
from builder.pipeline.lock import lock, needs
from builder.pipeline.project import lock_path, read
from builder.registry import Registry
from tests.automation.replay import Ran, Replay
from tests.automation.workflows import FOLDER, ROOT
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

LEFT_OUT = {
    "Check out the matrix": "the workspace is made by the test",
    "Free disk": "it deletes what GitHub put on its own machines",
    "Install the builder": "the builder under test is on PATH",
    "Log in to the registry": "the test's registry knows no users, and a login would change the user's own",
    "Make a Buildx builder": "the engine's own builder does here, and a new one would stay behind",
}
SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
MATRIX = """
release: {host}/acme/cuda
staging: {host}/acme/staging
sources: {{cpu: &plain {{repository: docker.io/library, mirrors: ['{seeded}/library']}}, wheels: *plain}}
axes: {{platform: linux/amd64}}
include:
  - {{cuda: cpu, os: debian12}}
  - {{cuda: ["13.0.1", "13.0.2"], os: debian12, source: wheels}}
tags: {{release: "{{cuda}}-{{flavor}}-{{epoch:%Y%m%d}}", rolling: "{{cuda}}-{{flavor}}"}}
smoke:
  require: {{linux/amd64: cpu}}
  policies:
    - {{match: {{cuda: "13.0.1"}}, level: gpu, reason: one image that this host cannot test}}
"""


@pytest.fixture
def workspace(tmp_path: Path, server: RegistryServer) -> Path:
    """A checkout: a matrix of three targets with its lock."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    file = folder / "matrix.yaml"
    file.write_text(MATRIX.format(host=server.host, seeded=SEEDED))
    today = datetime.now(UTC).date()
    project = read(file, today)
    with Registry() as registry:
        wanted = needs(project.matrix, project.expansion.cells)
        lock_path(file).write_text(locks.dump(lock(registry, wanted, None, update=False, today=today)))
    return folder


def replay(workspace: Path, scratch: Path, **environment: str) -> Replay:
    scratch.mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **environment}
    run = Replay(workspace, scratch, environment=ours, left_out=LEFT_OUT)
    run.workflow(FOLDER / "images.yml")
    return run


def failed(run: Replay) -> list[Ran]:
    return [ran for ran in run.ran if ran.code]


def contents(server: RegistryServer) -> dict[str, str]:
    """Every tag of the release repository and of staging, with what it points to."""
    with Registry() as registry:
        return {
            f"{repository}:{tag}": str(found.digest)
            for repository in (Repository(server.host, "acme/cuda"), Repository(server.host, "acme/staging"))
            for tag in registry.tags(repository)
            if (found := registry.resolve(repository.tag(tag)))
        }


def test_the_workflow_publishes_and_then_has_nothing_to_do(
    workspace: Path, tmp_path: Path, server: RegistryServer
) -> None:
    first = replay(workspace, tmp_path / "first")
    assert not failed(first), failed(first)
    assert first.results == {
        "plan": "success",
        "build": "success",
        "smoke": "success",
        "gate": "success",
        "release": "success",
        "family": "success",
    }
    built = [ran.matrix["name"] for ran in first.scripts("build")]
    assert built == [
        "13.0.1-base-debian12-py3.11-wheels",
        "13.0.2-base-debian12-py3.11-wheels",
        "cpu-base-debian12-py3.11",
    ]
    (smoked,) = first.scripts("smoke")
    assert smoked.matrix["name"] == "13.0.1-base-debian12-py3.11-wheels"
    assert "3 images: 3 to build, 3 to test; 3 targets to publish" in first.summary

    now = contents(server)
    released = {name.rpartition(":")[2] for name in now if "/acme/cuda:" in name}
    assert {"13.0.2-base", "cpu-base"} <= released
    gpu = Path("/dev/nvidiactl").exists()
    assert ("13.0.1-base" in released) == gpu, "without a receipt from a GPU it is withheld"

    second = replay(workspace, tmp_path / "second")
    assert not failed(second), failed(second)
    assert (second.results["build"], second.results["release"]) == ("skipped", "skipped")
    assert contents(server) == now
    assert set(LEFT_OUT) <= first.met, "a step is left out that does not exist any more"


def test_a_broken_build_releases_nothing_and_the_next_run_repairs_it(
    workspace: Path, tmp_path: Path, server: RegistryServer
) -> None:
    run = replay(workspace, tmp_path / "broken", DOCKER_HOST="unix:///nonexistent/docker.sock")
    assert run.results["build"] == "failure"
    assert {run.results[job] for job in ("gate", "release")} == {"skipped"}
    assert not any("/acme/cuda:" in name for name in contents(server))

    run = replay(workspace, tmp_path / "repaired")
    assert run.results["release"] == "success"

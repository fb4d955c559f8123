"""The workflow `images`, run here from its files: it ends with a release, and a second run does nothing."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builder.cli.app import run as run_here
from builder.github.wording import parse
from builder.matrix import lock as locks
from builder.model.reference import Repository
from builder.pipeline.inputs.project import lock_path, read
from builder.pipeline.lock import lock, needs
from builder.registry import Registry
from tests.automation.replay import Ran, Replay
from tests.automation.workflows import FOLDER, ROOT
from tests.notify.receiver import Receiver, receiver
from tests.release.keys import PASSWORD, KeyPair, generate
from tests.servers.github import TOKEN, GithubServer, github_server
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

LEFT_OUT = {
    "Check out the matrix": "the workspace is made by the test",
    "Free disk": "it deletes what GitHub put on its own machines",
    "Install the builder": "the builder under test is on PATH",
    "Log in to the registry": "the test's registry knows no users",
    "Make a Buildx builder": "the engine's own builder does here, and a new one would stay behind",
    "Install cosign": "scripts/engine has installed it",
    "Upload the page": "it is an action of GitHub's",
    "Deploy the page": "it is an action of GitHub's",
}
SEEDED = os.environ.get("CIB_REGISTRY", "127.0.0.1:5000")
# One image without CUDA, one with, and one that this host cannot test.
SMALL = """
release: 127.0.0.1:5000/acme/cuda
staging: 127.0.0.1:5000/acme/cuda-staging
sources: {cpu: &plain {repository: docker.io/library, mirrors: ['127.0.0.1:5000/library']}, wheels: *plain}
axes: {platform: linux/amd64}
include:
  - {cuda: cpu, os: debian12}
  - {cuda: ["13.0.1", "13.0.2"], os: debian12, source: wheels}
tags: {release: "{cuda}-{flavor}-{epoch:%Y%m%d}", rolling: "{cuda}-{flavor}"}
smoke:
  require: {linux/amd64: cpu}
  policies:
    - {match: {cuda: "13.0.1"}, level: gpu, reason: one image that this host cannot test}
receipts: {key: receipts.pub}
build: {sbom: none}  # package lists have tests of their own
"""
# A Docker whose builds of one image fail, and that is the real one else.
_BROKEN = """#!/bin/sh
case "$*" in *buildx*bake*13_0_2-base*) echo "planted" >&2; exit 1;; esac
exec {docker} "$@"
"""


@dataclass
class World:
    """A checkout, its registry, its repository at GitHub, and its chat."""

    folder: Path
    registry: RegistryServer
    github: GithubServer
    chat: Receiver
    key: KeyPair
    runs: int = 0

    def checkout(self, matrix: str) -> None:
        """Have this matrix, with its lock, in repositories of this registry."""
        file = self.folder / "workspace" / "matrix.yaml"
        file.parent.mkdir()
        text = matrix.replace("127.0.0.1:5000/library", f"{SEEDED}/library")
        file.write_text(text.replace("127.0.0.1:5000/acme", f"{self.registry.host}/acme"))
        shutil.copy(self.key.public, file.with_name("receipts.pub"))
        today = datetime.now(UTC).date()
        project = read(file, today)
        with Registry() as registry:
            wanted = needs(project.matrix, project.expansion.cells)
            lock_path(file).write_text(locks.dump(lock(registry, wanted, None, update=False, today=today)))

    def replay(self, tools: Path | None = None, **settings: Any) -> Replay:
        """A run of the workflow; programs in `tools` come before others."""
        self.runs += 1
        scratch = self.folder / f"run{self.runs}"
        scratch.mkdir()
        path = [*([str(tools)] if tools else []), str(Path(sys.executable).parent), os.environ["PATH"]]
        ours = {"PATH": ":".join(path), "PYTHONPATH": str(ROOT), "GITHUB_RUN_ID": str(self.runs)}
        ours["COSIGN_PASSWORD"] = PASSWORD
        run = Replay(
            self.folder / "workspace",
            scratch,
            environment={**os.environ, **self.github.environment, **ours},
            left_out=LEFT_OUT,
            variables={
                "BUILDER_SIGN": str(self.key.private),
                "BUILDER_SIGN_RECEIPTS": "on",
                "BUILDER_PAGE": "on",
            },
            secrets={"SLACK_WEBHOOK": self.chat.url},
            token=TOKEN,
            **settings,
        )
        run.workflow(FOLDER / "images.yml")
        return run

    def contents(self, *paths: str) -> dict[str, str]:
        """Every tag of these repositories, of all where none is named, and where it points."""
        with Registry() as registry:
            return {
                f"{path}:{tag}": str(found.digest)
                for path in paths or ("acme/cuda", "acme/cuda-staging")
                for repository in [Repository(self.registry.host, path)]
                for tag in registry.tags(repository)
                if (found := registry.resolve(repository.tag(tag)))
            }

    @property
    def released(self) -> set[str]:
        return {name.rpartition(":")[2] for name in self.contents("acme/cuda")}


@pytest.fixture
def world(tmp_path: Path, server: RegistryServer) -> Iterator[World]:
    with ExitStack() as stack:
        github, chat = stack.enter_context(github_server()), stack.enter_context(receiver())
        yield World(tmp_path, server, github, chat, generate(tmp_path / "key"))


def failed(run: Replay) -> list[Ran]:
    return [ran for ran in run.ran if ran.code]


def test_the_workflow_publishes_and_then_has_nothing_to_do(world: World) -> None:
    world.checkout(SMALL)
    first = world.replay()
    assert not failed(first), failed(first)
    assert set(first.results.values()) == {"success"}
    assert len(first.scripts("build")) == 3
    assert {ran.matrix["name"].partition("-")[0] for ran in first.scripts("smoke")} == {"13.0.1"}
    assert "3 images: 3 to build, 3 to test" in first.summary

    now = world.contents()
    assert {"13.0.2-base", "cpu-base"} <= world.released
    image = f"{world.registry.host}/acme/cuda:cpu-base"
    assert run_here(["verify", image, "--key", str(world.key.public)]) == 0, (
        "it is signed, and its receipts are"
    )
    gpu = Path("/dev/nvidiactl").exists()
    assert ("13.0.1-base" in world.released) == gpu, "without a receipt from a GPU it is withheld"
    assert (world.folder / "run1" / "site" / "index.html").is_file()
    (message,) = world.chat.messages
    assert "is out" in message["text"]

    second = world.replay()
    assert not failed(second), failed(second)
    assert (second.results["build"], second.results["release"]) == ("skipped", "skipped")
    assert world.contents() == now
    assert len(world.chat.messages) == 1, "nothing new is not told"
    assert set(LEFT_OUT) <= first.met, "a step is left out that does not exist any more"


def test_whatever_goes_wrong_publishes_nothing_and_the_next_run_repairs_it(world: World) -> None:
    world.checkout(SMALL)
    tools = world.folder / "tools"
    tools.mkdir()
    docker = tools / "docker"
    docker.write_text(_BROKEN.format(docker=shutil.which("docker")))
    docker.chmod(0o755)

    nothing = world.replay(event="workflow_dispatch", inputs={"select": "cuda=1.*", "release": True})
    assert (nothing.results["plan"], nothing.results["family"]) == ("failure", "failure")
    assert {nothing.results[job] for job in ("build", "smoke", "gate", "release")} == {"skipped"}
    assert [ran.code for ran in failed(nothing)] == [3]
    assert world.contents() == {}

    shard = world.replay(tools)
    (broken,) = [ran for ran in shard.scripts("build") if ran.code]
    assert broken.matrix["name"].startswith("13.0.2-base")
    assert len(shard.scripts("build")) == 3, "the others are built"
    assert {shard.results[job] for job in ("gate", "release")} == {"skipped"}
    assert world.released == set()
    (issue,) = world.github.open
    assert "not-built" in {alarm.kind for alarm in parse(issue["body"]).alarms}
    assert "the run failed" in world.chat.messages[-1]["text"]

    cancelled = world.replay(cancelled_in="build")
    assert len(cancelled.scripts("build")) == 1, "only what is missing is built"
    assert cancelled.results["family"] == "cancelled"
    assert {cancelled.results[job] for job in ("smoke", "gate", "release", "page")} >= {"skipped"}
    assert world.released == set()
    assert "the run was cancelled" in world.chat.messages[-1]["text"]
    assert world.github.open == [issue]

    proposed = world.replay(event="pull_request", ref="refs/pull/1/merge")
    assert (proposed.results["gate"], proposed.results["release"]) == ("success", "skipped")
    assert world.released == set()

    unserved = world.replay(unserved="gpu")
    assert (unserved.results["smoke"], unserved.results["release"]) == ("cancelled", "success")
    assert {"13.0.2-base", "cpu-base"} <= world.released
    assert "13.0.1-base" not in world.released, "nobody tested it"

    now = world.contents()
    good = world.replay()
    assert (good.results["build"], good.results["family"]) == ("skipped", "success")
    assert Path("/dev/nvidiactl").exists() or world.contents() == now
    assert world.github.open == []


def test_a_fork_without_secrets_stages_and_publishes_nothing(
    world: World, start_registry: Callable[..., RegistryServer]
) -> None:
    """GitHub gives a fork's pull request no secrets and a token that only reads."""
    world.registry = start_registry(read_only=True)
    world.checkout(SMALL)
    run = world.replay(event="pull_request", ref="refs/pull/1/merge")
    assert run.results["build"] == "failure"
    assert {run.results[job] for job in ("gate", "release")} == {"skipped"}
    assert world.contents() == {}

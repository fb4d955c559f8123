"""A repository at GitHub with its registry, in good order; tests break one thing of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from builder.github.client import Github
from builder.model.errors import BuilderError
from builder.model.reference import Repository
from builder.pipeline.inputs.project import read
from builder.pipeline.jobs import Runners
from builder.pipeline.watch import Report, Watched, watch
from builder.registry import Registry
from builder.watch.limits import Limits
from tests.servers.github import GithubServer
from tests.servers.images import push_image

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
GPU = {arch: ["self-hosted", "Linux", arch.upper(), "gpu"] for arch in ("x64", "arm64")}


@dataclass
class World:
    """A repository in good order: matrix, registry, schedule, runners. Tests break one thing of it."""

    github: GithubServer
    registry: Registry
    releases: Repository
    file: Path
    now: datetime = NOW
    matrix: dict[str, Any] = field(default_factory=dict)
    builders: tuple[str, ...] = ()

    def watch(self, *, dry_run: bool = False, github: Github | BuilderError | None = None) -> Report:
        self.file.write_text(yaml.safe_dump(self.matrix))
        project = read(self.file, self.now.date())
        watched = Watched(project, ("images.yml",), Runners.hosted(self.builders), Runners.own(), Limits())
        with Github(self.github.settings) as client:
            return watch(watched, self.registry, github or client, self.now, dry_run=dry_run)

    def release(self, name: str) -> None:
        push_image(self.registry, self.releases.tag(name))

    def move(self, path: str) -> None:
        self.releases = Repository(self.releases.registry, path)
        self.matrix["release"] = str(self.releases)

    def base(self, cuda: str) -> None:
        self.matrix["axes"]["cuda"] = cuda


def status(github: GithubServer, name: str, to: str) -> None:
    (found,) = [runner for runner in github.runners if runner["name"] == name]
    found["status"] = to


def wait(world: World) -> None:
    run = world.github.run("images.yml", NOW - timedelta(hours=9), ended="in_progress")
    world.github.job(run, "test t (linux/arm64, GPU)", GPU["arm64"], NOW - timedelta(hours=8))


def gone_with_a_spare(world: World) -> None:
    status(world.github, "gpu-1", "offline")
    world.github.runner("gpu-3", GPU["x64"])


def hold(world: World) -> None:
    world.github.run("images.yml", NOW - timedelta(days=4), ended="waiting")

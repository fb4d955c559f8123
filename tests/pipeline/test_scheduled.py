"""Scheduled runs: what moved upstream decides what is built, cell by cell."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from builder.bake import staging
from builder.matrix.expand import expand
from builder.matrix.lock import Lock, dump, parse
from builder.model.descriptor import INDEX, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.pipeline.builds import builds
from builder.pipeline.lock import lock, needs
from builder.pipeline.plan import Terms, plan
from builder.registry import Registry
from tests.bake.samples import loaded
from tests.servers.images import AMD64, ARM64, canonical, push_image
from tests.servers.registry import RegistryServer

BEGIN = date(2026, 1, 5)
PPC = Platform.parse("linux/ppc64le")
TWELVE, THIRTEEN = "12-slim", "13-slim"
# Cells without CUDA and torch, so that nothing but bases is locked.
MATRIX = """
release: {host}/acme/cuda
staging: {host}/acme/staging
sources: {{cpu: {{repository: docker.io/library, mirrors: ["{host}/library"]}}}}
axes: {{platform: {platforms}}}
include: [{{cuda: cpu, os: [debian12, debian13]}}]
build: {{sbom: none}}
tags: {{release: "{{cuda}}-{{os}}-{{epoch:%Y%m%d}}", rolling: "{{cuda}}-{{os}}"}}
"""


@dataclass
class Upstream:
    """Two bases for three platforms; `moved` counts how often each part changed."""

    registry: Registry
    server: RegistryServer
    moved: dict[tuple[str, str], int] = field(default_factory=dict)

    def move(self, tag: str, *parts: str) -> None:
        """Publish a base again with these parts changed: platforms, or the index alone."""
        for part in parts:
            self.moved[tag, part] = self.moved.get((tag, part), 0) + 1
        reference = self.server.repository("library/debian").tag(tag)
        children = []
        for platform in (AMD64, ARM64, PPC):
            layer = f"{tag} {platform} {self.moved.get((tag, str(platform)), 0)}".encode()
            image = push_image(self.registry, reference, platform=platform, layer=layer)
            children.append(Descriptor(image.media_type, image.digest, image.size, platform).json())
        index = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": children,
            "annotations": {"pushed": str(self.moved.get((tag, "index"), 0))},
        }
        self.registry.put_manifest(reference.repository, canonical(index), INDEX, tag=tag)


@dataclass
class Schedule:
    """A family that is locked anew and baked in each run, with an engine that pushes next to nothing."""

    registry: Registry
    server: RegistryServer
    day: date = BEGIN
    platforms: str = "[linux/amd64, linux/arm64]"
    locked: Lock | None = None

    def run(self) -> set[str]:
        """The names of the builds of a run."""
        self.day += timedelta(days=1)
        read = loaded(MATRIX.format(host=self.server.host, platforms=self.platforms))
        expansion = expand(read)
        found = lock(
            self.registry,
            needs(read.matrix, expansion.cells),
            self.locked,
            update=True,
            today=self.day,
        )
        self.locked = parse(dump(found).encode(), "matrix.lock")
        assert self.locked == found
        terms = Terms(Digest.of(b"probe"), Digest.of(b"policy"), timedelta(days=30), self.day)
        steps = plan(self.registry, builds(read.matrix, self.locked, expansion.targets), terms)
        missing = [step.build for step in steps if step.staged is None]
        for build in missing:
            layer = str(build.key).encode()
            push_image(self.registry, build.staging.tag(staging.key_tag(build.key)), layer=layer)
        return {build.name for build in missing}


@pytest.fixture
def upstream(registry: Registry, server: RegistryServer) -> Upstream:
    made = Upstream(registry, server)
    made.move(TWELVE)
    made.move(THIRTEEN)
    return made


@pytest.fixture
def schedule(registry: Registry, server: RegistryServer, upstream: Upstream) -> Schedule:
    made = Schedule(registry, server)
    assert len(made.run()) == 4
    return made


def test_thirty_runs_that_have_nothing_to_build(schedule: Schedule, upstream: Upstream) -> None:
    assert schedule.locked
    epoch, choose = schedule.locked.epoch, random.Random(20261121)
    for _ in range(30):
        upstream.move(choose.choice([TWELVE, THIRTEEN]), choose.choice(["index", str(PPC)]))
        assert schedule.run() == set()
    assert schedule.locked.epoch == epoch


def test_thirty_runs_in_which_the_other_architecture_moved(
    registry: Registry, server: RegistryServer, upstream: Upstream
) -> None:
    schedule = Schedule(registry, server, platforms="linux/amd64")
    assert len(schedule.run()) == 2
    for _ in range(30):
        upstream.move(TWELVE, str(ARM64))
        assert schedule.run() == set()


def test_what_moved_on_one_platform_rebuilds_what_is_made_of_it(
    schedule: Schedule, upstream: Upstream
) -> None:
    upstream.move(TWELVE, str(AMD64))
    assert schedule.run() == {"cpu-base-debian12-py3_11-amd64"}
    upstream.move(THIRTEEN, str(ARM64), "index")
    assert schedule.run() == {"cpu-base-debian13-py3_13-arm64"}
    assert schedule.run() == set()
    upstream.move(TWELVE, str(AMD64), str(ARM64))
    assert schedule.run() == {"cpu-base-debian12-py3_11-amd64", "cpu-base-debian12-py3_11-arm64"}

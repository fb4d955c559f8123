"""Scheduled runs: what moved upstream decides what is built, cell by cell."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from builder.bake import staging
from builder.matrix.expansion.expand import expand
from builder.matrix.lock import Lock, dump, parse
from builder.model.descriptor import INDEX, Descriptor
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.pipeline.inputs.builds import builds
from builder.pipeline.inputs.terms import Terms
from builder.pipeline.lock import lock, needs
from builder.pipeline.staging.confirm import confirm
from builder.pipeline.staging.plan import plan
from builder.registry import Registry
from tests.bake.samples import loaded
from tests.servers.images import AMD64, ARM64, canonical, push_image
from tests.servers.registry import RegistryServer

BEGIN = date(2026, 1, 5)
PPC = Platform.parse("linux/ppc64le")
TWELVE, THIRTEEN = "12-slim", "13-slim"
MATRIX = """
release: {host}/acme/cuda
staging: {host}/acme/staging
sources: {{cpu: {{repository: "{host}/library"}}}}
axes: {{platform: {platforms}}}
include: [{{cuda: cpu, os: [debian12, debian13]}}]
build: {{sbom: none}}
tags: {{release: "{{cuda}}-{{os}}-{{epoch:%Y%m%d}}", rolling: "{{cuda}}-{{os}}"}}
"""


@dataclass
class Upstream:
    """Bases for three platforms: how often each part of them changed, and what a platform has now."""

    registry: Registry
    server: RegistryServer
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    children: dict[tuple[str, Platform], Descriptor] = field(default_factory=dict)

    def move(self, tag: str, *parts: object) -> None:
        """Publish a base again with these parts changed: platforms, or the index alone."""
        reference = self.server.repository("library/debian").tag(tag)
        for part in parts:
            self.moved[tag, str(part)] += 1
            if isinstance(part, Platform):
                layer = f"{tag} {part} {self.moved[tag, str(part)]}".encode()
                bare = Reference(reference.repository)
                image = push_image(self.registry, bare, platform=part, layer=layer)
                self.children[tag, part] = replace(image, platform=part)
        index = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [self.children[tag, platform].json() for platform in (AMD64, ARM64, PPC)],
            "annotations": {"pushed": str(self.moved[tag, "index"])},
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
        wanted = needs(read.matrix, expansion.cells)
        found = lock(self.registry, replace(wanted, wheels={}), self.locked, update=True, today=self.day)
        assert parse(dump(found).encode(), "matrix.lock") == found
        # Wheels take uv seconds: here they are the same all the time.
        since = {**found.since, **dict.fromkeys(wanted.wheels, BEGIN)}
        self.locked = replace(found, wheels=dict.fromkeys(wanted.wheels, ()), since=since)
        terms = Terms(Digest.of(b"probe"), Digest.of(b"policy"), timedelta(days=30), self.day)
        steps = plan(self.registry, builds(read.matrix, self.locked, expansion.targets), terms)
        missing = [step.build for step in steps if step.staged is None]
        for build in missing:
            layer = str(build.key).encode()
            push_image(self.registry, build.staging.tag(staging.key_tag(build.key)), layer=layer)
            assert confirm(self.registry, build)
        return {build.name for build in missing}


@pytest.fixture
def upstream(registry: Registry, start_registry: Callable[..., RegistryServer]) -> Upstream:
    made = Upstream(registry, start_registry(in_memory=True))
    made.move(TWELVE, AMD64, ARM64, PPC)
    made.move(THIRTEEN, AMD64, ARM64, PPC)
    return made


@pytest.fixture
def schedule(registry: Registry, upstream: Upstream) -> Schedule:
    made = Schedule(registry, upstream.server)
    assert len(made.run()) == 4
    return made


def test_thirty_runs_that_have_nothing_to_build(schedule: Schedule, upstream: Upstream) -> None:
    assert schedule.locked
    epoch, choose = schedule.locked.epoch, random.Random(20261121)
    for _ in range(30):
        upstream.move(choose.choice([TWELVE, THIRTEEN]), choose.choice(["index", PPC]))
        assert schedule.run() == set()
    assert schedule.locked.epoch == epoch


def test_thirty_runs_in_which_the_other_architecture_moved(registry: Registry, upstream: Upstream) -> None:
    schedule = Schedule(registry, upstream.server, platforms="linux/amd64")
    assert len(schedule.run()) == 2
    for _ in range(30):
        upstream.move(TWELVE, ARM64)
        assert schedule.run() == set()


def test_what_moved_on_one_platform_rebuilds_what_is_made_of_it(
    schedule: Schedule, upstream: Upstream
) -> None:
    upstream.move(TWELVE, AMD64)
    assert schedule.run() == {"cpu-base-debian12-py3_11-amd64"}
    upstream.move(THIRTEEN, ARM64, "index")
    assert schedule.run() == {"cpu-base-debian13-py3_13-arm64"}
    assert schedule.run() == set()
    upstream.move(TWELVE, AMD64, ARM64)
    assert schedule.run() == {"cpu-base-debian12-py3_11-amd64", "cpu-base-debian12-py3_11-arm64"}

"""The plan against a real registry: what staging has is reused, and what is rebuilt says why."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from builder.bake import staging
from builder.bake.definition import Build
from builder.bake.labels import annotations
from builder.bake.recipe import canonical
from builder.model.cell import Level
from builder.model.descriptor import INDEX, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.pipeline.inputs.terms import Terms
from builder.pipeline.staging.confirm import confirm
from builder.pipeline.staging.plan import plan
from builder.registry import Registry
from tests.bake.samples import TEXT, all_builds
from tests.servers.registry import RegistryServer

TERMS = Terms(Digest.of(b"probe"), Digest.of(b"policy"), timedelta(days=30), date(2026, 11, 21))


@pytest.fixture
def builds(server: RegistryServer) -> tuple[Build, ...]:
    return builds_at(server)


def builds_at(server: RegistryServer, **changes: object) -> tuple[Build, ...]:
    return tuple(all_builds(TEXT.replace("127.0.0.1:1", server.host), **changes).values())


def stage(
    registry: Registry, build: Build, *, told: Mapping[str, str] | None = None, salt: str = ""
) -> Digest:
    """Stage what is of the build by its annotations."""
    digest = push(registry, build, told=told, salt=salt)
    assert confirm(registry, build) == digest
    return digest


def push(
    registry: Registry, build: Build, *, told: Mapping[str, str] | None = None, salt: str = ""
) -> Digest:
    """Push what Buildx would have pushed: a manifest with the annotations of the build, under its key."""
    config = registry.put_blob(build.staging, b"{}")
    notes = told or annotations(build.labels, build.key, canonical(build.recipe.inputs()))
    data = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.json(),
        "layers": [],
        "annotations": {**notes, "name": build.name, "salt": salt},
    }
    content = json.dumps(data).encode()
    return registry.put_manifest(build.staging, content, MANIFEST, tag=staging.key_tag(build.key)).digest


def test_an_empty_registry_has_everything_to_build(registry: Registry, builds: tuple[Build, ...]) -> None:
    steps = plan(registry, builds, TERMS)
    assert [step.build.name for step in steps] == [build.name for build in builds]
    assert all(step.staged is None and step.why == ("it was never built",) for step in steps)


def test_what_is_staged_is_found_by_its_key(registry: Registry, builds: tuple[Build, ...]) -> None:
    known = {build.name: stage(registry, build) for build in builds}
    steps = plan(registry, builds, TERMS)
    assert {step.build.name: step.staged for step in steps} == known


def test_what_was_pushed_and_no_more_is_said_so_by_whoever_may_only_read(
    registry: Registry, builds: tuple[Build, ...]
) -> None:
    for build in builds:
        push(registry, build)
    before = registry.requests.writes
    for step in plan(registry, builds, TERMS):
        assert step.pushed
        assert step.staged is None
        assert step.why == ("the run that pushed it ended before it was staged",)
    assert registry.requests.writes == before


def test_two_images_of_one_key_are_one_request_and_one_answer(
    registry: Registry, builds: tuple[Build, ...]
) -> None:
    build = builds[0]
    small, large = sorted(stage(registry, build, salt=salt) for salt in ("one", "other"))
    assert small != large
    before = registry.requests
    assert [step.staged for step in plan(registry, (build,), TERMS)] == [small]
    assert registry.requests.total - before.total == 1
    tag = staging.pass_tag(large, TERMS.id, Level.GPU, TERMS.today)
    registry.put_manifest(
        build.staging, registry.manifest(build.staging.at(large)).content, MANIFEST, tag=tag
    )
    before = registry.requests
    for newest in (small, large):
        content = registry.manifest(build.staging.at(newest)).content
        registry.put_manifest(build.staging, content, MANIFEST, tag=staging.key_tag(build.key))
        (step,) = plan(registry, (build,), TERMS)
        assert (step.staged, step.tested) == (large, True)
    assert registry.requests.writes - before.writes == 2, "those of the test itself"


def test_what_is_staged_costs_a_plan_one_request(registry: Registry, builds: tuple[Build, ...]) -> None:
    for build in builds:
        stage(registry, build)
    before = registry.requests
    plan(registry, builds, TERMS)
    assert registry.requests.total - before.total == 1
    assert registry.requests.writes == before.writes


def test_a_plan_writes_nothing_where_nothing_was_pushed(
    registry: Registry, builds: tuple[Build, ...]
) -> None:
    plan(registry, builds, TERMS)
    assert registry.requests.writes == 0


def test_a_new_base_says_so(registry: Registry, builds: tuple[Build, ...], server: RegistryServer) -> None:
    for build in builds:
        stage(registry, build)
    later = builds_at(server, epoch=date(2026, 11, 28))
    for step in plan(registry, later, TERMS):
        assert step.staged is None
        assert any(line.startswith("epoch ") for line in step.why)


def test_an_image_lost_from_staging_says_so(registry: Registry, builds: tuple[Build, ...]) -> None:
    build = builds[0]
    digest = push(registry, build)
    manifest = registry.manifest(build.staging.at(digest))
    registry.delete(build.staging.at(digest))
    other = registry.put_manifest(
        build.staging, manifest.content + b" ", MANIFEST, tag=staging.last_tag(build.name)
    )
    assert other.digest != digest
    (step,) = plan(registry, (build,), TERMS)
    assert step.why == ("staging lost it",)


def test_annotations_of_somebody_else_do_not_break_the_plan(
    registry: Registry, builds: tuple[Build, ...]
) -> None:
    build = builds[0]
    digest = push(registry, build, told={"io.cuda-image-builder.inputs": "no json"})
    manifest = registry.manifest(build.staging.at(digest))
    registry.put_manifest(build.staging, manifest.content, MANIFEST, tag=staging.last_tag(build.name))
    registry.delete(build.staging.at(digest))
    registry.put_manifest(build.staging, manifest.content, MANIFEST, tag=staging.last_tag(build.name))
    (step,) = plan(registry, (build,), TERMS)
    assert step.staged is None
    assert step.why


def test_an_index_with_attestations_gives_its_platforms_manifest(
    registry: Registry, builds: tuple[Build, ...]
) -> None:
    build = builds[0]
    digest = push(registry, build)
    manifest = registry.manifest(build.staging.at(digest))
    child = Descriptor(MANIFEST, digest, len(manifest.content), build.recipe.cell.platform)
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [child.json()]}
    registry.put_manifest(build.staging, json.dumps(index).encode(), INDEX, tag=staging.key_tag(build.key))
    assert confirm(registry, build) == digest
    (step,) = plan(registry, (build,), TERMS)
    assert step.staged == digest


def test_an_index_without_the_platform_is_not_reused(registry: Registry, builds: tuple[Build, ...]) -> None:
    build, other = (next(b for b in builds if b.name.endswith(slug)) for slug in ("amd64", "arm64"))
    digest = push(registry, other)
    manifest = registry.manifest(build.staging.at(digest))
    child = Descriptor(MANIFEST, digest, len(manifest.content), other.recipe.cell.platform)
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [child.json()]}
    registry.put_manifest(build.staging, json.dumps(index).encode(), INDEX, tag=staging.key_tag(build.key))
    assert confirm(registry, build) is None
    (step,) = plan(registry, (build,), TERMS)
    assert step.staged is None


def test_passes_count_by_level(registry: Registry, builds: tuple[Build, ...]) -> None:
    build = builds[0]
    digest = stage(registry, build)
    manifest = registry.manifest(build.staging.at(digest))

    def told(level: Level) -> None:
        tag = staging.pass_tag(digest, TERMS.id, level, TERMS.today)
        registry.put_manifest(build.staging, manifest.content, MANIFEST, tag=tag)

    told(Level.CPU)
    (step,) = plan(registry, (build,), TERMS)
    assert step.passed_at(Level.CPU)
    assert not step.tested  # the policy asks for a GPU
    assert step.why == ("it passed at level cpu, and gpu is required",)
    told(Level.GPU)
    (step,) = plan(registry, (build,), TERMS)
    assert step.tested
    assert step.why == ()
    (later,) = plan(registry, (build,), replace(TERMS, today=TERMS.today + timedelta(days=31)))
    assert not later.passed


def test_repositories_are_looked_at_once_each(registry: Registry, builds: tuple[Build, ...]) -> None:
    elsewhere = replace(builds[0], staging=Repository(builds[0].staging.registry, "other/staging"))
    steps = plan(registry, (elsewhere, *builds[1:]), TERMS, explain=False)
    assert registry.requests.total == 2
    assert len(steps) == len(builds)

"""Before a bake, against real registries: what stops it, what does not, and what it costs to find out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builder.bake.labels import KEY
from builder.model.descriptor import INDEX, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.errors import ExitCode, MatrixError
from builder.model.reference import Repository
from builder.pipeline.existing.preflight import clear
from builder.pipeline.inputs.prepare import Work, prepare
from builder.pipeline.staging.plan import Step, plan
from builder.registry import Password, Registry
from tests.matrix.samples import TODAY
from tests.pipeline.seeded import Here, lock_here, write
from tests.pipeline.test_plan import stage
from tests.servers.fixtures import QUICK
from tests.servers.images import AMD64, canonical, push_index
from tests.servers.registry import RegistryServer

TEXT = """
release: HOST/acme/cuda
staging: HOST/acme/cuda-staging
sources: {cpu: {repository: ORIGIN/library, mirrors: [HOST/library]}}
include: [{cuda: cpu, os: [debian12, debian13], platform: linux/amd64}]
tags: {release: "{cuda}-{os}-{epoch:%Y%m%d}"}
build: {provenance: none, sbom: none}
"""
OS = {"debian12": "12-slim", "debian13": "13-slim"}


@pytest.fixture
def origin(start_registry: Callable[..., RegistryServer]) -> RegistryServer:
    return start_registry()


@pytest.fixture
def here(tmp_path: Path, server: RegistryServer, origin: RegistryServer, registry: Registry) -> Here:
    """Two cells whose bases are in a mirror and in its origin."""
    text = TEXT.replace("HOST", server.host).replace("ORIGIN", origin.host)
    for host in (server.host, origin.host):
        for tag in OS.values():
            push_index(registry, Repository(host, "library/debian").tag(tag), salt=tag)
    found = write(tmp_path / "family", server.host, text)
    lock_here(registry, found)
    return found


@pytest.fixture
def asked() -> Iterator[Registry]:
    """A client that did nothing yet."""
    with Registry(QUICK) as client:
        yield client


def begin(here: Here) -> tuple[Work, tuple[Step, ...]]:
    work = prepare(here.file, (), TODAY)
    with Registry(QUICK) as registry:
        return work, plan(registry, work.builds, work.terms)


def refused(registry: Registry, here: Here, *, release: bool = False) -> tuple[ExitCode, set[str]]:
    with pytest.raises(MatrixError) as caught:
        clear(registry, *begin(here), release=release)
    return caught.value.code, {finding.rule for finding in caught.value.findings}


def debian(host: str, os: str = "debian12") -> Repository:
    return Repository(host, "library/debian")


def test_where_nothing_is_missing_nothing_is_asked(registry: Registry, asked: Registry, here: Here) -> None:
    for build in begin(here)[0].builds:
        stage(registry, build)
    work, steps = begin(here)
    assert clear(asked, work, steps).steps == steps
    assert asked.requests.total == 0


def test_a_base_that_is_as_locked_costs_one_request(asked: Registry, here: Here) -> None:
    work, steps = begin(here)
    cleared = clear(asked, work, steps)
    assert cleared.findings == ()
    assert {step.build.images["base"].repository.registry for step in cleared.steps} == {here.host}
    assert dict(asked.requests.methods) == {"POST": 1, "DELETE": 1, "HEAD": 2}


def test_a_base_that_moved_is_told_and_built_as_locked(
    registry: Registry, here: Here, origin: RegistryServer
) -> None:
    for host in (here.host, origin.host):
        push_index(registry, debian(host).tag("12-slim"), salt="patched")
    work, steps = begin(here)
    cleared = clear(registry, work, steps)
    assert [finding.rule for finding in cleared.findings] == ["base-moved"]
    assert [step.build.images["base"] for step in cleared.steps] == [
        step.build.images["base"] for step in steps
    ]


def test_a_base_comes_from_the_first_place_that_has_it(
    registry: Registry, here: Here, origin: RegistryServer
) -> None:
    down = write(
        here.file.parent,
        here.host,
        here.file.read_text().replace(f"{here.host}/library", "127.0.0.1:1/library"),
    )
    work, steps = begin(down)
    assert {step.build.images["base"].repository.registry for step in steps} == {here.host}
    cleared = clear(registry, work, steps)
    assert {finding.rule for finding in cleared.findings} == {"registry-unavailable"}
    assert {finding.severity for finding in cleared.findings} == {"warning"}
    assert {step.build.images["base"].repository.registry for step in cleared.steps} == {origin.host}
    assert {step.build.images["tools"].repository.registry for step in cleared.steps} == {origin.host}
    assert [step.build.key for step in cleared.steps] == [step.build.key for step in steps]


def test_a_locked_digest_that_is_gone_stops_it(
    registry: Registry, here: Here, origin: RegistryServer
) -> None:
    for host in (here.host, origin.host):
        tag = debian(host).tag("12-slim")
        index = registry.manifest(tag)
        push_index(registry, tag, salt="patched")
        registry.delete(debian(host).at(index.digest))
        registry.delete(debian(host).at(index.platforms()[AMD64].digest))
    code, rules = refused(registry, here)
    assert code == ExitCode.NOT_FOUND
    assert rules == {"locked-base-lost"}


def test_a_base_that_is_gone_stops_it_with_what_is_near(
    registry: Registry, here: Here, origin: RegistryServer
) -> None:
    for host in (here.host, origin.host):
        registry.delete(debian(host).at(registry.manifest(debian(host).tag("12-slim")).digest))
    with pytest.raises(MatrixError) as caught:
        clear(registry, *begin(here))
    (found,) = caught.value.findings
    assert (caught.value.code, found.rule) == (ExitCode.NOT_FOUND, "base-not-found")
    assert "13-slim" in found.fix


def test_registries_that_are_down_stop_it_as_that(
    registry: Registry, here: Here, origin: RegistryServer
) -> None:
    text = here.file.read_text()
    for host in (here.host, origin.host):
        text = text.replace(f"{host}/library", "127.0.0.1:1/library", 1)
    down = write(here.file.parent, here.host, text.replace("mirrors: [127.0.0.1:1/library]", "mirrors: []"))
    lock = here.file.with_suffix(".lock")
    lock.write_text(lock.read_text().replace(f"{origin.host}/library/debian:", "127.0.0.1:1/library/debian:"))
    code, rules = refused(registry, down)
    assert (code, rules) == (ExitCode.UNAVAILABLE, {"registry-unavailable"})


def test_a_push_that_would_be_refused_stops_it(
    registry: Registry, here: Here, start_registry: Callable[..., RegistryServer]
) -> None:
    closed = start_registry(users={"me": "planted-password"})
    work, steps = begin(here)
    matrix = work.project.loaded.matrix.model_copy(update={"staging": f"{closed.host}/acme/cuda-staging"})
    project = replace(work.project, loaded=replace(work.project.loaded, matrix=matrix))
    with (
        Registry(replace(QUICK, credentials=lambda _: Password("me", "planted-mistake"))) as stranger,
        pytest.raises(MatrixError) as caught,
    ):
        clear(stranger, replace(work, project=project), steps)
    (found,) = caught.value.findings
    assert (caught.value.code, found.rule, found.severity) == (
        ExitCode.UNAUTHORIZED,
        "push-refused",
        "error",
    )
    assert "planted" not in str(found)


def test_a_release_tag_that_is_taken_stops_what_would_be_released(registry: Registry, here: Here) -> None:
    work, steps = begin(here)
    tag = next(target.tags[0] for target in work.family if target.name.startswith("cpu-base-debian12"))
    push_index(registry, here.release.tag(tag), [AMD64])
    clear(registry, work, steps)
    code, rules = refused(registry, here, release=True)
    assert (code, rules) == (ExitCode.TAG_EXISTS, {"release-tag-taken"})


def test_a_release_tag_on_the_same_inputs_is_not_taken(registry: Registry, here: Here) -> None:
    work, steps = begin(here)
    build = next(build for build in work.builds if "debian12" in build.target)
    tag = next(target.tags[0] for target in work.family if target.name == build.target)
    release_of(registry, here, tag, str(build.key))
    assert clear(registry, work, steps, release=True).findings == ()
    release_of(registry, here, tag, str(Digest.of(b"other inputs")))
    assert refused(registry, here, release=True) == (ExitCode.TAG_EXISTS, {"release-tag-taken"})


def release_of(registry: Registry, here: Here, tag: str, key: str) -> None:
    """Release an image that was built for a key."""
    config = registry.put_blob(here.release, b"{}")
    child = registry.put_manifest(
        here.release,
        canonical(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": config.json(),
                "layers": [],
                "annotations": {KEY: key},
            }
        ),
        MANIFEST,
    )
    listed = Descriptor(child.media_type, child.digest, child.size, AMD64).json()
    index = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]})
    registry.put_manifest(here.release, index, INDEX, tag=tag)

"""Registries and neighbours that get in the way of a release."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from httpx import ByteStream

from builder.model.errors import BuilderError, ExitCode
from builder.model.release import Published, Refused, Unchanged
from builder.pipeline.release import release
from builder.registry import Password, Registry, UnauthorizedError
from tests.release.family import Family
from tests.release.hooks import Hook, through
from tests.release.killing import state
from tests.servers.certificates import issue
from tests.servers.fixtures import QUICK
from tests.servers.images import push_index
from tests.servers.registry import RegistryServer
from tests.servers.token_server import token_server

_DENIED = ByteStream(b'{"errors": [{"code": "DENIED", "message": "quota exceeded"}]}')
_UNKNOWN_BLOB = ByteStream(b'{"errors": [{"code": "BLOB_UNKNOWN", "message": "blob unknown"}]}')


def image_tags(family: Family) -> list[str]:
    """The tags that users see."""
    return [tag for tag in family.registry.tags(family.release) if not tag.startswith("sha256-")]


def before(path: str, action: Callable[[], object]) -> Hook:
    """Do something once, right before the first write to a path that ends so."""
    done: list[bool] = []

    def hook(request: httpx.Request) -> None:
        if request.method == "PUT" and request.url.path.endswith(path) and not done:
            done.append(True)
            action()

    return hook


def test_a_registry_that_takes_a_manifest_and_loses_it(family: Family) -> None:
    order = family.order(family.candidate())
    child = order.candidates[0].parts[1].staged
    assert child
    reference = family.release.at(child)

    def lose(request: httpx.Request) -> None:
        # Lost as soon as the index that needs it has been taken.
        if (
            request.method == "GET"
            and request.url.path.endswith(f"/{child}")
            and "staging" not in request.url.path
        ):
            family.registry.delete(reference)

    with through(lose) as registry, pytest.raises(BuilderError) as caught:
        release(registry, order)
    assert caught.value.code is ExitCode.DIGEST_MISMATCH
    assert str(child) in str(caught.value)
    assert image_tags(family) == []
    assert [type(o) for o in release(family.registry, order).outcomes] == [Published]


def test_a_registry_that_takes_a_layer_and_loses_it(family: Family) -> None:
    order = family.order(family.candidate())
    part = order.candidates[0].parts[0]
    assert part.staged
    layer = family.registry.manifest(family.staging.at(part.staged)).layers[1].digest

    def lose(request: httpx.Request) -> httpx.Response | None:
        # It has said that it has the layer, and has taken the manifests that need it.
        if request.method == "HEAD" and request.url.path.endswith(f"{family.release.path}/blobs/{layer}"):
            return httpx.Response(404, headers={"Content-Type": "application/json"}, stream=_UNKNOWN_BLOB)
        return None

    with through(lose) as registry, pytest.raises(BuilderError) as caught:
        release(registry, order)
    assert caught.value.code is ExitCode.DIGEST_MISMATCH
    assert str(layer) in str(caught.value)
    assert image_tags(family) == []


def test_a_manifest_that_is_changed_behind_the_staging_tag_after_the_test(family: Family) -> None:
    one = family.candidate()
    changed = family.stage(family.image("one", salt="changed"))
    parts = (replace(one.parts[0], staged=changed.manifest.digest), one.parts[1])
    report = release(family.registry, family.order(replace(one, parts=parts)))
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert "it was never tested" in str(report.outcomes)
    assert str(parts[0].platform) in str(report.outcomes)
    assert image_tags(family) == []


def test_of_two_registries_one_dies_among_its_tags_and_a_second_run_finishes_it(
    family: Family, start_registry: Callable[..., RegistryServer]
) -> None:
    other = start_registry().repository("elsewhere/cuda")
    order = family.order(family.candidate("a"), family.candidate("b"), destinations=(family.release, other))

    def die(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PUT" and request.url.path.endswith("elsewhere/cuda/manifests/b"):
            return httpx.Response(403, headers={"Content-Type": "application/json"}, stream=_DENIED)
        return None

    with through(die) as registry, pytest.raises(BuilderError, match="quota exceeded"):
        release(registry, order)
    report = release(family.registry, order)
    assert report.finished == (f"{other}:release-20260701-1",)
    assert [type(outcome) for outcome in report.outcomes] == [Unchanged, Unchanged]
    assert state(family.registry, other) == state(family.registry, family.release)


def test_a_quota_that_is_used_up(family: Family) -> None:
    def full(request: httpx.Request) -> httpx.Response | None:
        if request.method == "PUT" and "/manifests/" in request.url.path:
            return httpx.Response(403, headers={"Content-Type": "application/json"}, stream=_DENIED)
        return None

    order = family.order(family.candidate())
    with through(full) as registry, pytest.raises(BuilderError, match="quota exceeded"):
        release(registry, order)
    assert image_tags(family) == []


def test_a_login_that_may_only_read(
    family: Family, tmp_path: Path, start_registry: Callable[..., RegistryServer]
) -> None:
    user = Password("builder", "planted-password")
    with token_server(
        tmp_path / "tokens",
        users={user.username: user.password},
        public=frozenset({"a/staging", "a/release"}),
    ) as tokens:
        server = start_registry(tokens=tokens)
        with Registry(replace(QUICK, credentials=lambda _: user)) as writer:
            own = Family(writer, server.repository("a/staging"), server.repository("a/release"))
            order = own.order(own.candidate())
            with Registry(QUICK) as reader, pytest.raises(UnauthorizedError):
                release(reader, order)
            assert image_tags(own) == []
            assert [type(o) for o in release(writer, order).outcomes] == [Published]


def test_from_a_plain_registry_to_one_with_tls_and_a_login(
    family: Family, tmp_path: Path, start_registry: Callable[..., RegistryServer]
) -> None:
    user = Password("builder", "planted-password")
    certificate = issue(tmp_path / "tls", "127.0.0.1")
    server = start_registry(tls=certificate, users={user.username: user.password})

    def login(host: str) -> Password | None:
        return user if host == server.host else None

    order = family.order(family.candidate(), destinations=(server.repository("far/cuda"),))
    with Registry(replace(QUICK, credentials=login, ca_file=certificate.authority)) as registry:
        assert [type(o) for o in release(registry, order).outcomes] == [Published]
        assert [type(o) for o in release(registry, order).outcomes] == [Unchanged]


def test_a_tag_that_somebody_takes_after_the_check(family: Family) -> None:
    order = family.order(family.candidate())
    tag = family.release.tag("one-20260701")
    hook = before("/release-20260701-1", lambda: push_index(family.registry, tag))
    with through(hook) as registry, pytest.raises(BuilderError, match="released tags do not move") as caught:
        release(registry, order)
    assert caught.value.code is ExitCode.TAG_EXISTS
    taken = family.registry.resolve(tag)
    assert taken
    assert str(taken.digest) in str(caught.value)
    assert "one" not in image_tags(family)
    with pytest.raises(BuilderError, match="released tags do not move"):
        release(family.registry, order)
    again = replace(order.candidates[0], tags=("one-20260702",))
    report = release(family.registry, replace(order, candidates=(again,)))
    assert [type(outcome) for outcome in report.outcomes] == [Published]


def test_of_two_releases_at_once_one_says_that_the_other_was_first(family: Family) -> None:
    mine, yours = family.order(family.candidate("mine")), family.order(family.candidate("yours"))
    hook = before("/release-20260701-1", lambda: release(family.registry, yours))
    with (
        through(hook) as registry,
        pytest.raises(BuilderError, match="another release was first: yours") as caught,
    ):
        release(registry, mine)
    assert caught.value.code is ExitCode.TAG_EXISTS
    both = replace(mine, candidates=(*mine.candidates, *yours.candidates))
    release(family.registry, both)
    assert [type(o) for o in release(family.registry, both).outcomes] == [Unchanged, Unchanged]


def test_two_equal_releases_at_once_do_not_mind_each_other(family: Family) -> None:
    order = family.order(*(family.candidate(f"t{number}") for number in range(4)))
    barrier = Barrier(2)

    def race(_: int) -> list[str]:
        with Registry(QUICK) as registry:
            barrier.wait(10)
            return [type(outcome).__name__ for outcome in release(registry, order).outcomes]

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(race, range(2)))
    assert {name for names in outcomes for name in names} <= {"Published", "Unchanged"}
    assert [t for t in image_tags(family) if t.startswith("release-")] == ["release-20260701-1"]


def test_tags_of_128_characters(family: Family) -> None:
    one = family.candidate()
    long = replace(one, tags=(f"{'a' * 119}-20260701",), rolling=("b" * 128,))
    report = release(family.registry, family.order(long))
    assert report.outcomes[0].tags == (*long.tags, *long.rolling)  # type: ignore[union-attr]
    assert family.registry.resolve(family.release.tag("b" * 128))

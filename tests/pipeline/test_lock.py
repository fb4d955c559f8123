"""The lock against a real registry: what it takes up, what it keeps, and what moves its date."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from builder.matrix.bases import Base
from builder.matrix.lock import Lock, dump, parse
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.pipeline.lock import Needs, changes, lock
from builder.registry import Registry
from tests.servers.images import AMD64, ARM64, push_index
from tests.servers.registry import RegistryServer

TODAY, LATER = date(2026, 11, 21), date(2026, 11, 28)
NAME = Reference.parse("docker.io/library/debian:12-slim")


@pytest.fixture
def base(server: RegistryServer) -> Base:
    return Base(NAME, (server.repository("library/debian").tag("12-slim"),))


def needs(*bases: Base) -> Needs:
    return Needs({str(base.name): base for base in bases}, {})


def test_a_base_is_locked_with_a_digest_per_platform(registry: Registry, base: Base) -> None:
    index = push_index(registry, base.places[0])
    found = lock(registry, needs(base), None, update=False, today=TODAY)
    locked = found.bases[str(NAME)]
    assert locked.index == index.digest
    assert set(locked.platforms) == {AMD64, ARM64}
    assert locked.place == str(base.places[0].repository)
    assert (found.epoch, locked.seen) == (TODAY, TODAY)
    assert parse(dump(found).encode(), "matrix.lock") == found


def test_what_is_known_stays_until_an_update_is_asked_for(registry: Registry, base: Base) -> None:
    push_index(registry, base.places[0])
    before = lock(registry, needs(base), None, update=False, today=TODAY)
    push_index(registry, base.places[0], salt="moved")
    assert lock(registry, needs(base), before, update=False, today=LATER) == before
    after = lock(registry, needs(base), before, update=True, today=LATER)
    assert after.epoch == LATER
    assert {change.what.rpartition(" ")[2] for change in changes(before, after)} == {
        "epoch",
        "linux/amd64",
        "linux/arm64",
    }


def test_a_second_update_changes_nothing_on_any_day(registry: Registry, base: Base) -> None:
    push_index(registry, base.places[0])
    before = lock(registry, needs(base), None, update=True, today=TODAY)
    after = lock(registry, needs(base), before, update=True, today=LATER)
    assert after == before
    assert dump(after) == dump(before)
    assert changes(before, after) == ()


def test_a_new_base_does_not_move_the_date_of_the_others(
    registry: Registry, server: RegistryServer, base: Base
) -> None:
    push_index(registry, base.places[0])
    before = lock(registry, needs(base), None, update=False, today=TODAY)
    more = Base(
        Reference.parse("docker.io/library/debian:13-slim"),
        (server.repository("library/debian").tag("13-slim"),),
    )
    push_index(registry, more.places[0])
    after = lock(registry, needs(base, more), before, update=False, today=LATER)
    assert after.epoch == TODAY
    assert after.bases[str(NAME)] == before.bases[str(NAME)]
    assert str(more.name) in after.bases


def test_what_nothing_needs_is_dropped(registry: Registry, base: Base) -> None:
    push_index(registry, base.places[0])
    before = lock(registry, needs(base), None, update=False, today=TODAY)
    assert lock(registry, needs(), before, update=False, today=LATER) == Lock(TODAY)


def test_places_are_tried_in_order(
    registry: Registry, base: Base, start_registry: Callable[..., RegistryServer]
) -> None:
    mirror = start_registry()
    empty = Repository(mirror.host, "library/debian").tag("12-slim")
    push_index(registry, base.places[0])
    found = lock(
        registry, needs(replace(base, places=(empty, *base.places))), None, update=False, today=TODAY
    )
    assert found.bases[str(NAME)].place == str(base.places[0].repository)


def test_a_base_that_is_nowhere_is_an_error_with_the_places(registry: Registry, base: Base) -> None:
    with pytest.raises(BuilderError) as caught:
        lock(registry, needs(base), None, update=False, today=TODAY)
    assert caught.value.code == ExitCode.NOT_FOUND
    assert str(base.places[0]) in str(caught.value.where)


def test_a_registry_that_is_down_is_not_a_missing_base(registry: Registry, base: Base) -> None:
    down = replace(base, places=(Reference.parse("127.0.0.1:1/library/debian:12-slim"),))
    with pytest.raises(BuilderError) as caught:
        lock(registry, needs(down), None, update=False, today=TODAY)
    assert caught.value.code == ExitCode.UNAVAILABLE


@pytest.mark.parametrize(
    "text", [b"", b"version: 2\nepoch: 2026-01-01\n", b"version: 1\nepoch: soon\n", b"[]", b"\x00"]
)
def test_what_is_no_lock_is_refused(text: bytes, tmp_path: Path) -> None:
    with pytest.raises(BuilderError) as caught:
        parse(text, "matrix.lock")
    assert caught.value.code == ExitCode.MATRIX
    assert "builder lock" in caught.value.fix


def test_platforms_sort_and_parse_in_a_lock() -> None:
    assert Platform.parse("linux/arm64/v8") == ARM64

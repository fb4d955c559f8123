"""The lock against a real registry: what it takes up, what it keeps, and what moves its date."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from builder.cli.app import run
from builder.matrix.changes import changes
from builder.matrix.expansion.bases import Base
from builder.matrix.lock import Lock, dump, parse
from builder.model.descriptor import INDEX, Descriptor
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.pipeline.lock import Needs, lock
from builder.registry import Registry
from tests.servers.fixtures import QUICK
from tests.servers.images import AMD64, ARM64, canonical, push_image, push_index
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


def test_places_that_disagree_lock_nothing(
    registry: Registry, base: Base, start_registry: Callable[..., RegistryServer]
) -> None:
    mirror = Repository(start_registry().host, "library/debian").tag("12-slim")
    both = replace(base, places=(mirror, *base.places))
    push_index(registry, base.places[0])
    push_index(registry, mirror, salt="of another day")
    with pytest.raises(BuilderError, match="disagree on linux/amd64") as caught:
        lock(registry, needs(both), None, update=False, today=TODAY)
    assert caught.value.code == ExitCode.DIGEST_MISMATCH
    push_index(registry, mirror)
    assert lock(registry, needs(both), None, update=False, today=TODAY).bases[str(NAME)].place == str(
        mirror.repository
    )


def test_a_place_that_cannot_be_asked_is_passed_over(registry: Registry, base: Base) -> None:
    push_index(registry, base.places[0])
    down = Reference.parse("127.0.0.1:1/library/debian:12-slim")
    found = lock(registry, needs(replace(base, places=(down, *base.places))), None, update=False, today=TODAY)
    assert found.bases[str(NAME)].place == str(base.places[0].repository)


def test_an_update_of_what_stayed_asks_once_a_base(registry: Registry, base: Base) -> None:
    push_index(registry, base.places[0])
    before = lock(registry, needs(base), None, update=False, today=TODAY)
    with Registry(QUICK) as asked:
        assert lock(asked, needs(base), before, update=True, today=LATER) == before
        assert dict(asked.requests.methods) == {"HEAD": 1}


MATRIX = """
release: HOST/acme/cuda
staging: HOST/acme/cuda-staging
sources: {cpu: {repository: HOST/library}}
include: [{cuda: cpu, os: debian12, platform: [linux/amd64, linux/arm64]}]
tags: {release: "{cuda}-{epoch:%Y%m%d}"}
"""


def test_the_command_updates_once_and_says_what_moved(
    registry: Registry, server: RegistryServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "matrix.yaml"
    file.write_text(MATRIX.replace("HOST", server.host))
    tag = server.repository("library/debian").tag("12-slim")
    push_index(registry, tag)

    def command(*flags: str) -> tuple[int, str]:
        code = run(["lock", "-f", str(file), *flags])
        return code, capsys.readouterr().out

    assert command("--check")[0] == 1
    assert not (tmp_path / "matrix.lock").exists()
    assert command()[0] == 0
    first = (tmp_path / "matrix.lock").read_text()
    assert command("--check") == (0, "")
    assert "unchanged" in command("--update")[1]
    assert (tmp_path / "matrix.lock").read_text() == first

    before = registry.platforms(tag)
    after = push_one_platform_anew(registry, tag)
    code, said = command("--check")
    assert code == 1
    assert (tmp_path / "matrix.lock").read_text() == first
    assert f"{before[AMD64].digest.hex[:12]}" in said
    assert f"{after[AMD64].digest.hex[:12]}" in said
    assert "linux/arm64" not in said
    assert command("--update")[0] == 0
    second = (tmp_path / "matrix.lock").read_text()
    changed = set(first.splitlines()) ^ set(second.splitlines())
    assert {line.strip().partition(":")[0] for line in changed} <= {"index", "linux/amd64", "seen", "epoch"}
    assert "unchanged" in command("--update")[1]
    assert (tmp_path / "matrix.lock").read_text() == second


def push_one_platform_anew(registry: Registry, tag: Reference) -> Mapping[Platform, Descriptor]:
    """Move a tag to an index whose amd64 image is another one, and whose arm64 image is not."""
    kept = registry.platforms(tag)[ARM64]
    new = push_image(registry, Reference(tag.repository), platform=AMD64, layer=b"patched")
    listed = [replace(new, platform=AMD64).json(), replace(kept, platform=ARM64).json()]
    index = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed})
    registry.put_manifest(tag.repository, index, INDEX, tag=tag.tag)
    return registry.platforms(tag)


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

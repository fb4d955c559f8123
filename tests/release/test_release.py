"""Releases from a real staging repository into real release repositories."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.release import Published, Ready, Refused, Unchanged, Withheld
from builder.pipeline.release import release
from builder.registry import Registry
from builder.release.records import ledger
from tests.release.family import Family
from tests.release.make import candidate
from tests.servers.images import AMD64, ARM64, push_index
from tests.servers.registry import RegistryServer

LATER = date(2026, 8, 1)


def digest_of(family: Family, tag: str) -> Digest | None:
    """Where a tag of the release repository points."""
    found = family.registry.resolve(family.release.tag(tag))
    return found.digest if found else None


def test_the_release_index_lists_the_tested_manifests_byte_for_byte(family: Family) -> None:
    one = family.candidate("one")
    report = release(family.registry, family.order(one))
    index = family.registry.manifest(family.release.tag("one"))
    assert report.outcomes == (Published("one", index.digest, ("one-20260701", "one")),)
    assert report.records == (f"{family.release}:release-20260701-1",)
    assert report.code is ExitCode.DONE
    assert {child.platform: child.digest for child in index.children} == {
        part.platform: part.staged for part in one.parts
    }
    for part in one.parts:
        assert part.staged
        staged = family.registry.manifest(family.staging.at(part.staged))
        assert family.registry.manifest(family.release.at(part.staged)).content == staged.content
        receipts = family.registry.referrers(family.staging, part.staged)
        assert receipts
        assert family.registry.referrers(family.release, part.staged) == receipts


def test_no_blob_is_uploaded_but_the_record(family: Family) -> None:
    order = family.order(family.candidate("one"))
    before = family.registry.requests.blob_bytes
    release(family.registry, order)
    record = family.registry.manifest(family.release.tag("release-20260701-1"))
    assert record.config
    mine = sum(blob.size for blob in record.layers) + record.config.size
    assert family.registry.requests.blob_bytes - before <= mine


def test_what_others_attached_in_the_release_repository_stays(family: Family) -> None:
    one = family.candidate()
    release(family.registry, family.order(family.candidate("earlier")))
    part = family.image("one")
    for blob in (part.config, *part.layers):
        family.registry.put_blob(family.release, blob)
    family.registry.put_manifest(family.release, part.manifest.content, part.manifest.media_type)
    note = family.registry.attach(
        family.release, part.manifest.descriptor, "application/x.note", b"seen", "text/plain"
    )
    release(family.registry, family.order(one))
    listed = family.registry.referrers(family.release, part.manifest.digest)
    assert note.digest in {entry.digest for entry in listed}
    assert len(listed) == 2


def test_a_second_run_writes_nothing(family: Family) -> None:
    order = family.order(family.candidate("one"), family.candidate("two"))
    release(family.registry, order)
    before = family.registry.requests.writes
    report = release(family.registry, order)
    assert [type(outcome) for outcome in report.outcomes] == [Unchanged, Unchanged]
    assert family.registry.requests.writes == before


def test_the_same_family_gives_the_same_digests_elsewhere(
    family: Family, start_registry: Callable[..., RegistryServer]
) -> None:
    release(family.registry, family.order(family.candidate("one")))
    server = start_registry()
    other = replace(family, staging=server.repository("a/staging"), release=server.repository("b/release"))
    release(other.registry, other.order(other.candidate("one")))
    assert digest_of(other, "one") == digest_of(family, "one") is not None


def test_a_dry_run_decides_and_writes_nothing(family: Family) -> None:
    order = family.order(family.candidate("one"))
    before = family.registry.requests.writes
    report = release(family.registry, order, dry_run=True)
    assert [type(outcome) for outcome in report.outcomes] == [Ready]
    assert family.registry.requests.writes == before
    assert family.registry.tags(family.release) == ()


def test_one_refused_target_holds_all_others(family: Family) -> None:
    untested = family.stage(family.image("bad"))
    report = release(family.registry, family.order(family.candidate("good"), candidate(untested, name="bad")))
    assert [type(outcome) for outcome in report.outcomes] == [Refused, Ready]
    assert report.code is ExitCode.REFUSED
    assert family.registry.tags(family.release) == ()


def test_a_target_that_waits_for_a_gpu_holds_nobody(family: Family) -> None:
    waiting = family.stage(family.image("waits", require=Level.GPU))
    family.attach(waiting)
    order = family.order(family.candidate("good"), candidate(waiting, name="waits"))
    report = release(family.registry, order)
    assert [type(outcome) for outcome in report.outcomes] == [Published, Withheld]
    assert report.code is ExitCode.DONE
    assert digest_of(family, "waits") is None
    family.attach(waiting, level=Level.GPU)
    assert [type(o) for o in release(family.registry, order).outcomes] == [Unchanged, Published]


def test_a_receipt_copied_from_another_image_refuses(family: Family) -> None:
    tested, untested = family.stage(family.image("one")), family.stage(family.image("one", ARM64))
    family.attach(tested)
    family.attach(untested, subject=tested.manifest.digest)
    report = release(family.registry, family.order(candidate(tested, untested)))
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert f"it is for {tested.manifest.digest.short}" in str(report.outcomes)


def test_bytes_that_are_no_receipt_refuse(family: Family) -> None:
    staged = family.stage(family.image("one"))
    family.attach_bytes((staged, b'{"_type": "something else"}'))
    report = release(family.registry, family.order(candidate(staged)))
    assert "poses as a receipt" in str(report.outcomes)
    assert report.code is ExitCode.REFUSED


def test_a_release_tag_with_other_bits_refuses_everything_before_anything_is_written(family: Family) -> None:
    taken = push_index(family.registry, family.release.tag("one-20260701"))
    order = family.order(family.candidate("one"), family.candidate("two"))
    before = family.registry.requests.writes
    with pytest.raises(BuilderError) as caught:
        release(family.registry, order)
    assert caught.value.code is ExitCode.TAG_EXISTS
    assert str(taken.digest) in str(caught.value)
    assert family.registry.requests.writes == before


def test_a_release_tag_that_was_moved_afterwards_refuses_everything(family: Family) -> None:
    order = family.order(family.candidate("one"))
    release(family.registry, order)
    released = digest_of(family, "one-20260701")
    moved = push_index(family.registry, family.release.tag("one-20260701"))
    with pytest.raises(BuilderError, match=str(moved.digest)) as caught:
        release(family.registry, order)
    assert caught.value.code is ExitCode.TAG_EXISTS
    assert str(released) in str(caught.value)


def test_an_untested_rebuild_of_the_same_epoch_refuses(family: Family) -> None:
    release(family.registry, family.order(family.candidate("one")))
    rebuilt = family.stage(family.image("one", salt="rebuilt"))
    report = release(family.registry, family.order(candidate(rebuilt)))
    assert "it was never tested" in str(report.outcomes)
    family.attach(rebuilt)
    with pytest.raises(BuilderError, match="released tags do not move"):
        release(family.registry, family.order(candidate(rebuilt)))


def test_rolling_tags_move_to_the_next_epoch_and_never_back(family: Family) -> None:
    old = family.order(family.candidate("one"))
    release(family.registry, old)
    next_family = replace(family, epoch=LATER)
    release(family.registry, next_family.order(next_family.candidate("one")))
    assert digest_of(family, "one") == digest_of(family, "one-20260801")
    record = ledger.read_named(family.registry, family.release, "release-20260801-2")
    assert record.former == {"one": digest_of(family, "one-20260701"), "one-20260801": None}
    report = release(family.registry, old)
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert "is of 2026-08-01, newer than 2026-07-01" in str(report.outcomes)
    assert digest_of(family, "one") == digest_of(family, "one-20260801")


def test_a_platform_that_was_released_cannot_vanish_without_a_reason(family: Family) -> None:
    release(family.registry, family.order(family.candidate("one")))
    later = replace(family, epoch=LATER)
    alone = later.stage(later.image("one", AMD64))
    later.attach(alone)
    narrowed = candidate(alone, epoch=LATER)
    report = release(family.registry, later.order(narrowed))
    assert [type(outcome) for outcome in report.outcomes] == [Refused]
    assert "has linux/arm64, and the matrix does not" in str(report.outcomes)
    excused = replace(narrowed, excluded=frozenset({ARM64}))
    assert [type(o) for o in release(family.registry, later.order(excused)).outcomes] == [Published]


def test_a_rolling_tag_of_something_else_is_taken_over_and_remembered(family: Family) -> None:
    foreign = push_index(family.registry, family.release.tag("one"))
    release(family.registry, family.order(family.candidate("one")))
    record = ledger.read_named(family.registry, family.release, "release-20260701-1")
    assert record.former["one"] == foreign.digest


def test_the_same_manifests_under_other_annotations_are_the_same_release(family: Family) -> None:
    one = family.candidate("one")
    release(family.registry, family.order(one))
    released = digest_of(family, "one-20260701")
    assert released
    more = replace(one, rolling=("one", "uno"), notes={"more": "told by a newer table"})
    report = release(family.registry, family.order(more))
    assert report.outcomes == (Published("one", released, ("one-20260701", "one", "uno")),)


def test_latest_is_refused(family: Family) -> None:
    with pytest.raises(BuilderError, match="`latest` is never released"):
        release(family.registry, family.order(replace(family.candidate("one"), rolling=("latest",))))


def test_several_repositories_get_the_same_digests(
    family: Family, start_registry: Callable[..., RegistryServer]
) -> None:
    other = start_registry().repository("elsewhere/cuda")
    order = family.order(family.candidate("one"), destinations=(family.release, other))
    report = release(family.registry, order)
    assert report.records == (f"{family.release}:release-20260701-1", f"{other}:release-20260701-1")
    assert digest_of(replace(family, release=other), "one") == digest_of(family, "one") is not None


def test_a_repository_that_fails_leaves_the_other_untouched(
    family: Family, registry: Registry, start_registry: Callable[..., RegistryServer]
) -> None:
    frozen = start_registry(read_only=True).repository("elsewhere/cuda")
    order = family.order(family.candidate("one"), destinations=(family.release, frozen))
    with pytest.raises(BuilderError) as caught:
        release(registry, order)
    assert str(frozen) in str(caught.value)
    assert all(tag.startswith("sha256-") for tag in registry.tags(family.release))
    late = start_registry().repository("elsewhere/cuda")
    release(registry, replace(order, destinations=(family.release,)))
    report = release(registry, replace(order, destinations=(family.release, late)))
    assert report.records == (f"{late}:release-20260701-1",)

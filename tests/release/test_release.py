"""A release from staging to its tags, and the second run that finds nothing to do."""

from builder.model.errors import ExitCode
from builder.model.release import Published, Unchanged
from builder.pipeline.release import release
from tests.release.family import Family


def test_the_release_index_lists_the_tested_manifests_byte_for_byte(family: Family) -> None:
    one = family.candidate("one")
    report = release(family.registry, family.order(one))
    index = family.registry.manifest(family.release.tag("one"))
    assert report.outcomes == (Published("one", index.digest, ("one-20260701", "one")),)
    assert report.code is ExitCode.DONE
    assert {child.platform: child.digest for child in index.children} == {
        part.platform: part.staged for part in one.parts
    }
    for part in one.parts:
        assert part.staged
        staged = family.registry.manifest(family.staging.at(part.staged))
        assert family.registry.manifest(family.release.at(part.staged)).content == staged.content
        receipts = family.registry.referrers(family.staging, part.staged)
        assert family.registry.referrers(family.release, part.staged) == receipts


def test_same_registry_moves_no_blob_and_a_second_run_writes_nothing(family: Family) -> None:
    order = family.order(family.candidate("one"), family.candidate("two"))
    release(family.registry, order)
    before = family.registry.requests
    report = release(family.registry, order)
    after = family.registry.requests
    assert [type(outcome) for outcome in report.outcomes] == [Unchanged, Unchanged]
    assert after.writes == before.writes

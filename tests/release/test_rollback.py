"""Rolling tags go back to a former release, and stay there."""

from dataclasses import replace
from datetime import date

import pytest

from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.release import Published, Unchanged, Withheld
from builder.pipeline.release import release
from builder.pipeline.rollback import RolledBack, rollback
from builder.release.order import Order
from tests.release.family import Family

FIRST, SECOND = "release-20260701-1", "release-20260801-2"


@pytest.fixture
def later(family: Family) -> Family:
    """The next epoch, after a release of `one` in the first and of `one` and `two` in this one."""
    release(family.registry, family.order(family.candidate("one")))
    later = replace(family, epoch=date(2026, 8, 1))
    release(later.registry, second_order(later))
    return later


def second_order(later: Family) -> Order:
    return later.order(later.candidate("one"), later.candidate("two"))


def back(family: Family, name: str, *, dry_run: bool = False) -> tuple[RolledBack, ...]:
    return rollback(family.registry, [family.release], name, dry_run=dry_run)


def digest_of(family: Family, tag: str) -> Digest | None:
    found = family.registry.resolve(family.release.tag(tag))
    return found.digest if found else None


def test_rolling_tags_go_back_and_immutable_ones_stay(later: Family) -> None:
    before = digest_of(later, "one")
    (done,) = back(later, FIRST)
    assert digest_of(later, "one") == digest_of(later, "one-20260701") != before
    assert digest_of(later, "one-20260801") == before
    assert digest_of(later, "two") == digest_of(later, "two-20260801")
    assert done.record == "release-20260801-3"
    assert done.moved == {"one": (before, digest_of(later, "one-20260701"))}


def test_a_release_does_not_undo_a_rollback_by_itself(later: Family) -> None:
    back(later, FIRST)
    report = release(later.registry, second_order(later))
    assert [type(outcome) for outcome in report.outcomes] == [Withheld, Unchanged]
    assert "release-20260801-3 took it back" in str(report.outcomes)
    assert digest_of(later, "one") == digest_of(later, "one-20260701")


def test_a_rollback_is_undone_by_one_to_the_newer_release(later: Family) -> None:
    back(later, FIRST)
    back(later, SECOND)
    assert digest_of(later, "one") == digest_of(later, "one-20260801")
    report = release(later.registry, second_order(later))
    assert [type(outcome) for outcome in report.outcomes] == [Unchanged, Unchanged]


def test_a_newer_epoch_moves_on_after_a_rollback(later: Family) -> None:
    back(later, FIRST)
    newest = replace(later, epoch=date(2026, 9, 1))
    report = release(newest.registry, newest.order(newest.candidate("one")))
    assert [type(outcome) for outcome in report.outcomes] == [Published]
    assert digest_of(later, "one") == digest_of(later, "one-20260901")


def test_a_second_rollback_and_a_dry_run_write_nothing(later: Family) -> None:
    writes = later.registry.requests.writes
    (planned,) = back(later, FIRST, dry_run=True)
    assert later.registry.requests.writes == writes
    (done,) = back(later, FIRST)
    assert planned.moved == done.moved
    writes = later.registry.requests.writes
    assert back(later, FIRST)[0].moved == {}
    assert later.registry.requests.writes == writes


@pytest.mark.parametrize("name", ["latest", "release-20260701-9", "one"])
def test_what_is_no_release_is_refused(later: Family, name: str) -> None:
    with pytest.raises(BuilderError, match=f"there is no release `{name}`") as caught:
        back(later, name)
    assert caught.value.code is ExitCode.NOT_FOUND
    assert FIRST in caught.value.fix


def test_a_release_that_lost_an_image_is_refused(later: Family) -> None:
    index = later.registry.manifest(later.release.tag("one-20260701"))
    before = digest_of(later, "one")
    later.registry.delete(later.release.at(index.children[0].digest))
    with pytest.raises(BuilderError, match=str(index.children[0].digest)):
        back(later, FIRST)
    assert digest_of(later, "one") == before

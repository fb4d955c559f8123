"""Staging's tags say what exists and what was tested, whatever else is tagged there."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from builder.bake import staging
from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.reference import is_tag

DAY = date(2026, 11, 21)
MONTH = timedelta(days=30)
digests = st.binary(max_size=8).map(Digest.of)


@given(key=digests, digest=digests)
def test_a_confirmed_build_is_found_by_its_key(key: Digest, digest: Digest) -> None:
    staged = staging.read([staging.key_tag(key), staging.digest_tag(key, digest)])
    assert staged.digest(key) == digest
    assert not staged.unconfirmed


def test_a_push_without_its_second_tag_is_unconfirmed() -> None:
    key = Digest.of(b"key")
    staged = staging.read([staging.key_tag(key)])
    assert staged.digest(key) is None
    assert staged.unconfirmed == {staging.key_tag(key)}


def test_of_two_digests_for_a_key_the_one_that_passed_first_counts_else_the_smallest() -> None:
    key, (small, large) = Digest.of(b"key"), sorted((Digest.of(b"one"), Digest.of(b"two")))

    def chosen(*passed: tuple[Digest, date]) -> Digest | None:
        told = [staging.digest_tag(key, digest) for digest in (large, small)]
        passes = [staging.pass_tag(digest, "0" * 16, Level.CPU, day) for digest, day in passed]
        found = {staging.read(tags).digest(key) for tags in ([*told, *passes], [*passes, *told[::-1]])}
        assert len(found) == 1, "it depends on the order of tags"
        return found.pop()

    assert chosen() == small
    assert chosen((large, DAY)) == large
    assert chosen((large, DAY), (small, DAY + timedelta(days=1))) == large
    assert chosen((large, DAY + timedelta(days=1)), (small, DAY)) == small
    assert chosen((large, DAY), (small, DAY)) == small


@given(level=st.sampled_from(Level), day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_pass_counts_for_its_terms_and_age(level: Level, day: date) -> None:
    digest, terms = Digest.of(b"image"), staging.terms(Digest.of(b"probe"), Digest.of(b"policy"))
    staged = staging.read([staging.pass_tag(digest, terms, level, day)])
    assert staged.levels(digest, terms, today=day, max_age=MONTH) == {level}
    assert not staged.levels(digest, terms, today=day + MONTH, max_age=MONTH)
    assert not staged.levels(digest, "0" * 16, today=day, max_age=MONTH)
    assert not staged.levels(Digest.of(b"other"), terms, today=day, max_age=MONTH)


def test_why_a_test_is_due() -> None:
    digest, terms, day = Digest.of(b"image"), "0" * 16, date(2026, 1, 1)

    def why(*tags: str, today: date = day) -> str:
        return staging.read(tags).untested(digest, terms, Level.GPU, today=today, max_age=MONTH)

    cpu, gpu = (staging.pass_tag(digest, terms, level, day) for level in (Level.CPU, Level.GPU))
    assert why() == "it has not passed a test"
    assert why(cpu) == "it passed at level cpu, and gpu is required"
    assert why(gpu, today=day + MONTH) == f"its test of 2026-01-01 is older than {MONTH.days} days"
    assert why(staging.pass_tag(digest, "1" * 16, Level.GPU, day)) == "the probe or the policy changed"


def test_a_test_of_the_future_spares_nothing() -> None:
    digest, today = Digest.of(b"image"), date(2026, 11, 21)
    for ahead, counts in ((0, True), (1, True), (2, False), (365, False)):
        day = today + timedelta(days=ahead)
        told = staging.read([staging.pass_tag(digest, "0" * 16, Level.CPU, day)])
        assert bool(told.levels(digest, "0" * 16, today=today, max_age=MONTH)) is counts
        why = told.untested(digest, "0" * 16, Level.CPU, today=today, max_age=MONTH)
        assert ("from the future: a clock is wrong" in why) is not counts


def test_terms_follow_probe_and_policy() -> None:
    one, two = Digest.of(b"1"), Digest.of(b"2")
    assert len({staging.terms(one, one), staging.terms(one, two), staging.terms(two, one)}) == 3


def test_what_a_build_took_is_found_by_its_key_and_the_slower_of_two_counts() -> None:
    one, other = Digest.of(b"one"), Digest.of(b"other")
    tags = [staging.time_tag(one, 12.4), staging.time_tag(one, 9), staging.time_tag(other, 0.01)]
    told = {staging.key_tag(one): 12, staging.key_tag(other): 1}
    assert staging.read(tags).seconds == staging.read(reversed(tags)).seconds == told
    assert all(staging.is_own(tag) for tag in tags)
    assert staging.time_tag(one, 1e9).endswith("-999999")


@given(tags=st.lists(st.text(max_size=40)))
def test_other_peoples_tags_are_left_alone(tags: list[str]) -> None:
    staged = staging.read(["latest", "pass-x", "key-", f"pass-{'0' * 64}-{'0' * 16}-cpu-20269999", *tags])
    assert not staged.digests
    assert not staged.passes


@given(key=digests, digest=digests)
def test_every_tag_is_one(key: Digest, digest: Digest) -> None:
    terms = staging.terms(key, digest)
    tags = (
        staging.key_tag(key),
        staging.digest_tag(key, digest),
        staging.pass_tag(digest, terms, Level.GPU, DAY),
        staging.last_tag("x" * 300),
        staging.cache_tag(key),
        staging.time_tag(key, 1e9),
    )
    assert all(is_tag(tag) for tag in tags)

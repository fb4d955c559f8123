from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.matrix.lock import Lock, LockedBase, LockedWheel, dump, epoch_seconds, parse
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform

AMD64, ARM64 = Platform.parse("linux/amd64"), Platform.parse("linux/arm64")

_digests = st.binary(max_size=8).map(Digest.of)
_names = st.from_regex(r"[a-z]{1,9}\.io/[a-z]{1,9}:[a-z0-9.-]{1,9}", fullmatch=True)
_versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){1,3}(\+cu[0-9]{3})?", fullmatch=True)
_bases = st.builds(
    LockedBase,
    index=_digests,
    platforms=st.dictionaries(st.sampled_from([AMD64, ARM64]), _digests),
    seen=st.dates(),
    place=st.just("nvcr.io/nvidia/cuda"),
)
_wheels = st.builds(LockedWheel, st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), _versions, _digests)
_sets = st.from_regex(r"linux/arm64 py3\.[0-9] [a-z \[\],=0-9.]{1,20}[a-z]", fullmatch=True)
_locks = st.builds(
    Lock,
    epoch=st.dates(min_value=date(1970, 1, 1)),
    bases=st.dictionaries(_names, _bases, max_size=3),
    wheels=st.dictionaries(
        _sets,
        st.lists(_wheels, min_size=1, max_size=3, unique=True).map(lambda w: tuple(sorted(w))),
        max_size=3,
    ),
)


@given(_locks)
@settings(max_examples=60)
def test_what_is_written_is_read(lock: Lock) -> None:
    text = dump(lock)
    assert parse(text.encode(), "matrix.lock") == lock
    assert dump(parse(text.encode(), "matrix.lock")) == text


def test_equal_locks_have_equal_texts() -> None:
    one, other = Digest.of(b"1"), Digest.of(b"2")
    a, b = LockedWheel("a", "1", one), LockedWheel("b", "2", other)
    assert dump(Lock(date(2026, 1, 1), {}, {"x": (a, b)})) == dump(Lock(date(2026, 1, 1), {}, {"x": (b, a)}))


def test_a_fact_is_a_line() -> None:
    base = LockedBase(
        Digest.of(b"i"), {AMD64: Digest.of(b"a"), ARM64: Digest.of(b"b")}, date(2026, 1, 2), "x.io/y"
    )
    before = dump(Lock(date(2026, 1, 1), {"x.io/y:1": base}))
    platforms = {**base.platforms, ARM64: Digest.of(b"c")}
    moved = LockedBase(base.index, platforms, base.seen, base.place)
    after = dump(Lock(date(2026, 1, 1), {"x.io/y:1": moved}))
    assert len(set(after.splitlines()) - set(before.splitlines())) == 1


def test_the_epoch_is_midnight_utc() -> None:
    assert epoch_seconds(date(2026, 11, 21)) == 1_795_219_200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"version: 2\nepoch: 2026-01-01\nbases:\nwheels:\n",
        b"version: 1\nepoch: soon\nbases:\nwheels:\n",
        b"version: 1\nepoch: 2026-01-01\n",
        b"version: 1\nepoch: 2026-01-01\nbases: [a]\nwheels:\n",
        b"version: 1\nepoch: 2026-01-01\nbases:\n  x: {index: latest, seen: 2026-01-01, place: x}\nwheels:\n",
        b"version: 1\nepoch: 2026-01-01\nbases:\n  x: {}\nwheels:\n",
        b"version: 1\nepoch: 2026-01-01\nbases:\nwheels: {a: [numpy]}\n",
        b"version: 1\nepoch: 2026-01-01\nbases:\nwheels: {a: [1]}\n",
        b"version: 1\nepoch: 2026-01-01\nbases:\nwheels: {a: 5}\n",
        b"version: 1\nversion: 1\nepoch: 2026-01-01\nbases:\nwheels:\n",
        b"<<<<<<< ours\nversion: 1\n",
        b"\xff",
    ],
)
def test_what_is_no_lock(content: bytes) -> None:
    with pytest.raises(BuilderError) as refused:
        parse(content, "matrix.lock")
    assert refused.value.code is ExitCode.MATRIX
    assert "matrix.lock" in str(refused.value)
    assert "builder lock" in refused.value.fix

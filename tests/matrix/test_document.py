import tracemalloc

import pytest

from builder.matrix.text.document import Limits, parse
from builder.model.location import Location

BOMB = b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 12)
)

UNREADABLE = {
    "ten megabytes": (b"a: b\n" * 2_000_000, "10,000,000 bytes"),
    "a NUL byte": (b"a: \0", "NUL"),
    "not UTF-8": ("a: é".encode("latin-1"), "byte 3 is not UTF-8"),
    "UTF-16": ("a: b".encode("utf-16-le"), "NUL"),
    "a control character": (b"a: \x07", "control characters"),
    "half a surrogate": (b'a: "\\ud800"', "invalid Unicode"),
    "a bomb of aliases": (BOMB, "values once its aliases are followed"),
    "a bomb of keys": (b"".join(b"k%d: 1\n" % i for i in range(60_000)), "values"),
    "an alias in itself": (b"a: &a [*a]", "contains itself"),
    "an alias in itself, further in": (b"a: &a {b: {c: [*a]}}", "contains itself"),
    "an alias of nothing": (b"a: *b", "undefined alias"),
    "half a million brackets": (b"[" * 500_000, "more than 32 deep"),
    "mappings in mappings": (b"{a: " * 100_000, "more than 32 deep"),
    "lists in lists": (b"- " * 400_000, "more than 32 deep"),
    "two documents": (b"a: 1\n---\nb: 2", "another document"),
    "another YAML": (b"%YAML 9.9\n---\na: b", "incompatible"),
    "a tab": (b"a:\n\tb: c", "cannot start"),
    "an open quote": (b'a: "b', "end of stream"),
}


@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_problem(name: str) -> None:
    content, said = UNREADABLE[name]
    tracemalloc.start()
    try:
        read = parse(content, "matrix.yaml")
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
    assert read.data is None
    (problem,) = read.problems
    assert said in problem.message
    assert len(problem.message) < 400
    assert problem.where.file == "matrix.yaml"


def test_knows_where_values_and_keys_are() -> None:
    read = parse(b"a:\n  b: [x, {c: y}]\n", "f")
    assert read.data == {"a": {"b": ["x", {"c": "y"}]}}
    assert read.locate(("a", "b", 0)) == Location("f", 2, 7)
    assert read.locate(("a", "b", 1, "c")) == Location("f", 2, 14)
    assert read.locate_key(("a", "b")) == Location("f", 2, 3)


def test_what_is_not_there_is_at_what_is_around_it() -> None:
    read = parse(b"a:\n  b: x\n", "f")
    assert read.locate(("a", "z", 3)) == Location("f", 2, 3)
    assert read.locate_key(("a", "z")) == Location("f", 2, 3)


@pytest.mark.parametrize(
    ("content", "message", "line", "column"),
    [
        (b"a: 1\nb: 2\na: 3\n", "the key `a` stands here twice, first at line 1", 3, 1),
        (b"x: {a: 1, a: 2}", "the key `a` stands here twice, first at line 1", 1, 11),
        (b"v: 12.10", "12.10 without quotes is a number: YAML reads 12.1", 1, 4),
        (b"v: [ok, .inf]", ".inf without quotes is a number", 1, 9),
        (b"? [a, b]\n: c", "a key must be a word", 1, 3),
        (b"a: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object:os.system", 1, 4),
        (b"a: !mine {b: c}", "the tag !mine is not known", 1, 4),
        (b"a: !!set {b}", "the tag tag:yaml.org,2002:set is not known", 1, 4),
        (b"a: !!bool maybe", "`maybe` is no value", 1, 4),
        (b"a: !!timestamp soon", "`soon` is no value", 1, 4),
        (b"a: 2026-13-45", "`2026-13-45` is no value", 1, 4),
        (b"a: " + b"9" * 100_000, "is no value", 1, 4),
    ],
)
def test_mistakes_that_leave_the_rest_readable(content: bytes, message: str, line: int, column: int) -> None:
    read = parse(content, "f")
    assert read.data is not None
    (problem,) = read.problems
    assert message in problem.message
    assert (problem.where.line, problem.where.column) == (line, column)


def test_all_problems_at_once() -> None:
    read = parse(b"a: 1.0\na: 2\nb: !x y\n", "f")
    assert len(read.problems) == 3


def test_aliases_are_followed() -> None:
    read = parse(b"a: &x [1]\nb: *x", "f")
    assert read.data == {"a": [1], "b": [1]}
    assert read.problems == ()


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse(b"\xef\xbb\xbfa: b", "f").data == {"a": "b"}


def test_knows_what_has_no_value() -> None:
    assert parse(b"a:\nb: [x, ~]\nc: {d: }", "f").empty == {("a",), ("b", 1), ("c", "d")}


def test_limits_are_the_callers() -> None:
    assert parse(b"a: b", "f", Limits(size=3)).problems
    assert parse(b"[a, b, c]", "f", Limits(values=3)).problems
    assert not parse(b"[a, b, c]", "f", Limits(values=4)).problems

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.facts.version import at_least, is_number, minor, neighbours, parts

numbers = st.lists(st.integers(0, 999), min_size=1, max_size=4).map(lambda items: ".".join(map(str, items)))


@given(st.text(max_size=30))
def test_what_is_a_number_can_be_read(text: str) -> None:
    if is_number(text):
        assert parts(text)
    else:
        assert neighbours(text, ["12.4.1"]) == ()


@pytest.mark.parametrize("text", ["", "12.", "12.x", "1" * 5000, "²", "-1", "12.4.1-rc1"])
def test_what_is_not_a_number(text: str) -> None:
    assert not is_number(text)


@given(numbers, numbers)
def test_order_is_total(one: str, other: str) -> None:
    assert at_least(one, other) or at_least(other, one)
    assert at_least(one, one)


def test_numbers_not_letters_are_compared() -> None:
    assert at_least("580.126.20", "580.95.05")
    assert at_least("12.10", "12.9")
    assert not at_least("9.0", "10.0")
    assert at_least("580.65.6", "580.65.06")


def test_minor() -> None:
    assert minor("13.0.2") == "13.0"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("12.4.0", ("12.4.1",)),
        ("12.7.0", ("12.8.2", "12.4.1")),
        ("11.0.0", ("12.4.1",)),
        ("14.0.0", ("13.0.2",)),
        ("13.0.2", ("12.8.2",)),
        ("12", ("12.4.1",)),
    ],
)
def test_neighbours(version: str, expected: tuple[str, ...]) -> None:
    assert neighbours(version, ["13.0.2", "12.4.1", "12.8.1", "12.8.2"]) == expected

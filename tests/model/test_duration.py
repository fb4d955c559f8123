"""Seconds as people say them."""

import pytest

from builder.model.duration import show_duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (3_569, "59 min"),
        (3_599, "1 h 0 min"),
        (7_290, "2 h 2 min"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert show_duration(seconds) == said

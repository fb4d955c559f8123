"""When an end is worth an alarm: from the horizon on, and after the end as before it."""

from datetime import date, timedelta

import pytest

from builder.matrix.expansion.expand import expand
from builder.watch import ends, releases
from builder.watch.limits import Limits
from tests.matrix.samples import matrix

LIMITS = Limits(horizon=timedelta(days=90), release=timedelta(days=35))


@pytest.mark.parametrize(
    ("day", "kinds", "says"),
    [
        # CUDA 13.1.2 ends with driver branch 590 on 2026-12-22; its tags may go on 2027-06-22.
        ("2026-09-22", [], ""),
        ("2026-09-23", ["base-end"], "from 2026-12-22 on"),
        ("2027-01-10", ["base-end"], "since 2026-12-22"),
        ("2027-03-23", ["base-end"], ""),
        ("2027-03-24", ["base-end", "base-deletion"], "from 2027-06-22 on"),
        ("2027-07-01", ["base-end", "base-deletion"], "since 2027-06-22"),
    ],
)
def test_bases(day: str, kinds: list[str], says: str) -> None:
    cells = expand(matrix(axes={"cuda": "13.1.2", "os": "ubuntu24.04"})).cells
    found = list(ends.of_bases(cells, date.fromisoformat(day), LIMITS))
    assert [alarm.kind for alarm in found] == kinds
    assert says in " ".join(alarm.what for alarm in found)


@pytest.mark.parametrize(
    ("day", "says"),
    [("2026-12-31", ""), ("2027-01-01", "ends on 2027-04-01"), ("2027-04-02", "ended on 2027-04-01")],
)
def test_systems(day: str, says: str) -> None:
    cells = expand(matrix(axes={"cuda": "12.6.3", "os": "ubuntu22.04"})).cells
    found = [alarm.what for alarm in ends.of_systems(cells, date.fromisoformat(day), LIMITS)]
    assert [says in what for what in found] == ([True] if says else [])


@pytest.mark.parametrize(
    ("day", "says"),
    [("2026-09-22", ""), ("2026-09-23", "ends on 2026-12-22"), ("2026-12-23", "ended on 2026-12-22")],
)
def test_drivers(day: str, says: str) -> None:
    found = [alarm.what for alarm in ends.of_drivers([590, 590, 1], date.fromisoformat(day), LIMITS)]
    assert [says in what for what in found] == ([True] if says else [])


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ([], "nothing was ever released"),
        (["13.0-base", "release-x"], "nothing was ever released"),
        (["release-20261016-2"], "36 days old"),
        (["release-20261017-2", "release-20260101-1"], ""),
    ],
)
def test_releases(tags: list[str], says: str) -> None:
    found = [alarm.what for alarm in releases.old("r/x", tags, date(2026, 11, 21), LIMITS)]
    assert [says in what for what in found] == ([True] if says else [])

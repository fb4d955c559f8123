from collections.abc import Callable
from datetime import date

from builder.facts import cuda, tags
from builder.facts.forecast import Forecast, forecast

from .conftest import Fault


def _of(version: str) -> Forecast:
    known = forecast(version)
    assert known is not None
    return known


def test_ends_with_the_next_patch_release() -> None:
    known = _of("12.6.2")
    assert (known.eol, known.deletable) == (date(2024, 12, 3), date(2025, 6, 3))
    assert known.superseded_by == "12.6.3"
    assert not known.unverified
    assert known.is_eol(date(2024, 12, 3))
    assert not known.is_eol(date(2024, 12, 2))


def test_ends_with_the_driver_it_shipped_with() -> None:
    known = _of("13.1.2")
    assert (known.eol, known.deletable) == (date(2026, 12, 22), date(2027, 6, 22))
    assert known.superseded_by is None
    assert not known.is_eol(date(2026, 11, 21))


def test_has_ended_when_superseded_on_a_day_that_nobody_knows() -> None:
    known = _of("13.0.2")
    assert (known.eol, known.deletable, known.superseded_by) == (None, None, "13.0.3")
    assert known.is_eol(date(2026, 11, 21))
    assert not known.unverified


def test_ends_when_two_newer_majors_are_there() -> None:
    assert _of("11.8.0").eol == date(2025, 8, 11)
    assert "13.0.0" in _of("11.8.0").why


def test_is_doubted_where_nvidia_still_lists_it_as_supported() -> None:
    assert _of("12.6.3").eol == date(2025, 8, 22)
    assert _of("12.6.3").unverified == {"eol"}


def test_is_doubted_where_its_facts_are() -> None:
    assert _of("13.0.3").unverified == {"eol"}
    assert _of("13.0.0").unverified == {"eol"}
    assert _of("13.3.0").unverified == {"eol"}


def test_says_when_nobody_knows() -> None:
    known = _of("12.1.1")
    assert (known.eol, known.deletable, known.superseded_by) == (None, None, None)
    assert not known.is_eol(date(2099, 1, 1))
    assert "nobody knows" in known.why


def test_half_a_year_later_is_a_day_that_exists(plant: Callable[[str, Fault], None]) -> None:
    def eol(data: dict[str, list[dict[str, object]]]) -> None:
        next(row for row in data["branches"] if row["branch"] == 590)["eol"] = "2026-08-31"

    plant("drivers", eol)
    assert _of("13.1.2").deletable == date(2027, 2, 28)


def test_no_images_no_forecast() -> None:
    assert forecast("12.2.1") is None
    assert forecast("12.7.0") is None


def test_every_image_has_a_forecast() -> None:
    for version in {version for version, _ in tags.listings()}:
        assert _of(version).why
        assert cuda.release(version)

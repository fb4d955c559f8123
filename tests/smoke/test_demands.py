"""Which drivers a demand means, from the tables of facts."""

from datetime import date

import pytest

from builder.facts import drivers
from builder.model.policy import Demand
from builder.smoke.demands import resolve

TODAY = date(2026, 11, 21)


def _driver(driver: str, toolkit: str, capability: str = "", today: date = TODAY) -> str:
    return resolve(Demand(capability=capability, driver=driver), toolkit, today).driver


def test_a_branch_or_a_version_stays() -> None:
    assert _driver("580", "13.0.2") == "580"
    assert _driver("", "13.0.2") == ""


def test_the_oldest_runs_the_toolkit_and_is_supported() -> None:
    assert _driver("oldest", "13.0.2") == "580"
    assert _driver("oldest", "12.8.1", today=date(2026, 5, 1)) == "535"
    assert _driver("oldest", "12.8.1") == "580"


def test_the_newest_still_knows_the_gpu() -> None:
    assert _driver("newest", "13.0.2", "9.0") == str(max(known.branch for known in drivers.branches()))
    assert _driver("newest", "12.6.3", "7.0") == "580"


def test_a_demand_that_nothing_meets_is_an_error() -> None:
    with pytest.raises(ValueError, match="no supported driver"):
        _driver("oldest", "12.6.3", "7.0", date(2040, 1, 1))

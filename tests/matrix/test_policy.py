from datetime import timedelta
from typing import Any

from builder.matrix.expansion.expand import expand
from builder.matrix.policy import policy_of
from builder.model.cell import Level
from builder.model.policy import Allowance, Demand, Policy, Profile

from .samples import matrix

AXES = {"cuda": ["13.2.1", "cpu"], "os": "ubuntu24.04", "platform": "linux/amd64"}


def _policies(smoke: dict[str, Any]) -> dict[str, Policy]:
    loaded = matrix(axes=AXES, smoke=smoke)
    return {cell.cuda: policy_of(loaded.matrix.smoke, cell) for cell in expand(loaded).cells}


def test_a_gpu_is_asked_for_where_nothing_is_said() -> None:
    assert _policies({}) == {"13.2.1": Policy(), "": Policy(level=Level.CPU)}


def test_what_is_said_for_the_family() -> None:
    smoke = {
        "profile": "full",
        "max-age": 30,
        "gpus": [{"cc": "8.0"}, {"name": "*H100*", "driver": "oldest"}],
        "allow": [{"check": "compile", "reason": "slow"}],
    }
    demands = (Demand(capability="8.0"), Demand(gpu="*H100*", driver="oldest"))
    assert _policies(smoke)["13.2.1"] == Policy(
        Level.GPU, Profile.FULL, demands, (Allowance("compile", "slow"),), timedelta(days=30)
    )
    assert _policies(smoke)[""].demands == ()


def test_the_last_policy_that_matches_wins_and_allowances_add_up() -> None:
    smoke = {
        "gpus": [{"cc": "8.0"}],
        "allow": [{"check": "a", "reason": "1"}],
        "policies": [
            {"match": {"cuda": "13.*"}, "profile": "full", "gpus": [{"cc": "9.0"}], "reason": "x"},
            {
                "match": {"cuda": "13.2.*"},
                "gpus": [],
                "allow": [{"check": "b", "reason": "2"}],
                "reason": "x",
            },
            {"match": {"cuda": "12.*"}, "level": "cpu", "reason": "x"},
        ],
    }
    found = _policies(smoke)["13.2.1"]
    assert found == Policy(Level.GPU, Profile.FULL, (), (Allowance("a", "1"), Allowance("b", "2")))

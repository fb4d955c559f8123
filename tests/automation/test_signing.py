"""Jobs that sign or check signatures have cosign before they need it."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.automation.commands import commands
from tests.automation.workflows import FOLDER, load, workflows

_INSTALLER = "sigstore/cosign-installer@"
# `release` checks whose receipts count, also where it signs nothing.
_ALWAYS = frozenset({"release", "verify"})


def complaints(workflow: Mapping[Any, Any]) -> Iterator[str]:
    """Steps that may need cosign, in jobs that have not installed it by then."""
    for name, job in workflow["jobs"].items():
        conditions: list[str] = []
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith(_INSTALLER):
                conditions.append(str(step.get("if", "")))
            for words in commands(step.get("run", "")):
                always = words[0] in _ALWAYS
                signs = "$SIGN" in step["run"]
                if (always and "" not in conditions) or (signs and not conditions):
                    yield f"{name}: {step['name']}: {words[0]}"


def steps_named(workflow: Mapping[Any, Any], job: str, *, uses: str) -> list[dict[str, Any]]:
    return [step for step in workflow["jobs"][job]["steps"] if step.get("uses", "").startswith(uses)]


def test_who_signs_or_checks_signatures_has_cosign() -> None:
    assert [said for path in workflows() for said in complaints(load(path))] == []


@pytest.mark.parametrize("job", ["build", "smoke", "gate", "release"])
def test_a_job_without_cosign_is_noticed(job: str) -> None:
    workflow = load(FOLDER / "family.yml")
    (installer,) = steps_named(workflow, job, uses=_INSTALLER)
    workflow["jobs"][job]["steps"].remove(installer)
    assert [said.partition(":")[0] for said in complaints(workflow)] == [job]


@pytest.mark.parametrize("job", ["gate", "release"])
def test_cosign_on_a_condition_is_not_enough_to_read_receipts(job: str) -> None:
    workflow = load(FOLDER / "family.yml")
    (installer,) = steps_named(workflow, job, uses=_INSTALLER)
    installer["if"] = "inputs.sign != 'none'"
    assert [said.partition(":")[0] for said in complaints(workflow)] == [job]


def test_cosign_after_the_command_is_too_late() -> None:
    workflow = load(FOLDER / "family.yml")
    (installer,) = steps_named(workflow, "gate", uses=_INSTALLER)
    steps = workflow["jobs"]["gate"]["steps"]
    steps.append(steps.pop(steps.index(installer)))
    assert [said.partition(":")[0] for said in complaints(workflow)] == ["gate"]

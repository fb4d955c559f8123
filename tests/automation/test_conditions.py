"""Conditions: of which events and refs a run releases, when it prunes, and when it says how things stand."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.automation.expressions import evaluate
from tests.automation.workflows import FOLDER, load

MAIN = "refs/heads/main"


def releases(event: str, ref: str, *, default: str = "main", ready: str = "true", **inputs: Any) -> bool:
    """Whether a run of this event on this ref gets to the release."""
    condition = load(FOLDER / "family.yml")["jobs"]["release"]["if"]
    # GitHub promises no repository in the payload of a schedule.
    payload = {} if event == "schedule" else {"repository": {"default_branch": default}}
    contexts = {
        "github": {"event": payload, "event_name": event, "ref": ref},
        "inputs": {"release": True, "release-ref": "", **inputs},
        "needs": {"gate": {"outputs": {"ready": ready}}},
    }
    return bool(value(condition, contexts))


def value(condition: str, contexts: Mapping[str, Any]) -> Any:
    """A condition's value, with or without its `${{ }}`."""
    bare = condition.strip().removeprefix("${{").removesuffix("}}")
    return evaluate(bare, contexts, {"cancelled": lambda: False})


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch", "push", "repository_dispatch"])
def test_the_default_branch_releases(event: str) -> None:
    assert releases(event, MAIN)
    assert releases(event, "refs/heads/trunk", default="trunk")


@pytest.mark.parametrize(
    ("event", "ref"),
    [
        ("workflow_dispatch", "refs/heads/experiment"),
        ("push", "refs/heads/experiment"),
        ("push", "refs/tags/main"),
        ("pull_request", "refs/pull/1/merge"),
    ],
)
def test_no_other_ref_does(event: str, ref: str) -> None:
    assert not releases(event, ref)


def test_a_caller_may_name_another_ref_which_then_is_the_only_one() -> None:
    stable = {"release-ref": "refs/heads/stable"}
    assert releases("push", "refs/heads/stable", **stable)
    assert not releases("push", MAIN, **stable)
    assert not releases("schedule", MAIN, **stable)


def test_nothing_ready_or_not_wanted_is_no_release() -> None:
    assert not releases("push", MAIN, ready="")
    assert not releases("push", MAIN, release=False)


@pytest.mark.parametrize(
    ("event", "inputs", "switch", "does"),
    [
        ("schedule", {}, "", None),
        ("schedule", {}, "on", "--apply"),
        ("workflow_dispatch", {"apply": False}, "", ""),
        ("workflow_dispatch", {"apply": True}, "", "--apply"),
        ("workflow_dispatch", {"apply": False}, "on", ""),
        # Called: the event is the caller's, and only a call has a matrix.
        ("schedule", {"matrix": "matrix.yaml", "apply": False}, "", ""),
        ("schedule", {"matrix": "matrix.yaml", "apply": False}, "on", ""),
        ("schedule", {"matrix": "matrix.yaml", "apply": True}, "", "--apply"),
        ("push", {"matrix": "matrix.yaml", "apply": True}, "", "--apply"),
    ],
)
def test_prune_deletes_only_where_it_was_told_to(
    event: str, inputs: Mapping[str, Any], switch: str, does: str | None
) -> None:
    """What the flag is with which it runs; None where it does not."""
    job = load(FOLDER / "prune.yml")["jobs"]["prune"]
    given = {"matrix": None, "apply": None, **inputs}
    contexts = {"github": {"event_name": event}, "inputs": given, "vars": {"BUILDER_PRUNE": switch}}
    runs = value(job["if"], contexts)
    assert (value(job["env"]["APPLY"], contexts) if runs else None) == does


@pytest.mark.parametrize("job", ["gate", "release"])
@pytest.mark.parametrize(("outcome", "says"), [("success", True), ("failure", True), ("skipped", False)])
def test_a_refusal_is_summarized_like_a_success(job: str, outcome: str, says: bool) -> None:
    *_, decision, summary = load(FOLDER / "family.yml")["jobs"][job]["steps"]
    assert decision["id"] == job
    assert "GITHUB_STEP_SUMMARY" in summary["run"]
    # Without such a function GitHub runs no step after one that failed.
    assert "cancelled()" in summary["if"]
    assert value(summary["if"], {"steps": {job: {"outcome": outcome}}}) == says

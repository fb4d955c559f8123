"""Workflows, their runs, and the machines that run them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from builder.github.client import Github
from builder.github.values import Repository, Run, Runner, WaitingJob, Workflow

_UNFINISHED = ("queued", "in_progress")


def repository(github: Github) -> Repository:
    """The repository and its last commit.

    Needs the permission `contents: read`.
    """
    told = github.get("")
    (last, *_) = github.get("/commits", sha=told["default_branch"], per_page=1) or (None,)
    return Repository(
        told["full_name"],
        told["private"],
        _time(last["commit"]["committer"]["date"]) if last else None,
        told["owner"]["login"] if told["owner"]["type"] == "Organization" else None,
    )


def workflows(github: Github) -> tuple[Workflow, ...]:
    """All workflows. Needs `actions: read`, as all that follows."""
    return tuple(
        Workflow(told["id"], PurePosixPath(told["path"]).name, told["state"], _time(told["created_at"]))
        for told in github.pages("/actions/workflows", "workflows")
    )


def last_green(github: Github, workflow: Workflow) -> Run | None:
    """The newest run that the schedule started and that succeeded."""
    found = github.get(
        f"/actions/workflows/{workflow.id}/runs", event="schedule", status="success", per_page=1
    )["workflow_runs"]
    return Run(found[0]["id"], _time(found[0]["created_at"]), found[0]["html_url"]) if found else None


def held(github: Github, workflow: Workflow) -> tuple[Run, ...]:
    """The runs that wait for somebody to approve them, by when their last attempt began."""
    path = f"/actions/workflows/{workflow.id}/runs"
    return tuple(
        Run(told["id"], _time(told["run_started_at"]), told["html_url"])
        for told in github.pages(path, "workflow_runs", status="waiting")
    )


def waiting(github: Github) -> Iterator[WaitingJob]:
    """The jobs of unfinished runs that no runner has taken yet."""
    for state in _UNFINISHED:
        for run in github.pages("/actions/runs", "workflow_runs", status=state):
            for job in github.pages(f"/actions/runs/{run['id']}/jobs", "jobs"):
                if job["status"] == "queued":
                    yield WaitingJob(
                        job["name"], _labels(job["labels"]), _time(job["created_at"]), job["html_url"]
                    )


def runners(github: Github) -> tuple[Runner, ...]:
    """The repository's own self-hosted runners, without those that its organization lends it.

    Needs `administration: read`, which a workflow's own token cannot have.
    """
    return tuple(map(_runner, github.pages("/actions/runners", "runners")))


def runners_of(github: Github, organization: str) -> tuple[Runner, ...]:
    """The organization's self-hosted runners. Needs its `organization_self_hosted_runners: read`."""
    return tuple(map(_runner, github.pages_of(organization, "/actions/runners", "runners")))


def _runner(told: Mapping[str, Any]) -> Runner:
    labels = _labels([label["name"] for label in told["labels"]])
    return Runner(told["name"], told["status"] == "online", labels)


def _labels(names: list[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)

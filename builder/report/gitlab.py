"""A plan's jobs as a GitLab child pipeline, for a trigger that includes `.builder` beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from builder.report.jobs import Job, Task

_STAGES = ["build", "smoke", "release"]
# GitLab's documentation, `job names`: at most 255 characters.
_NAME = 255


def gitlab(matrices: Mapping[str, Sequence[Job]], task: Task) -> str:
    """The YAML of the pipeline: a job for each part of the work, and the release, which is always there.

    Tests that fail or find no runner stop nothing by themselves: without a receipt the gate withholds or
    refuses. The commands are those that a person would type.
    """
    jobs = dict([*_build(matrices["build"], task), *_smoke(matrices["smoke"], task)])
    pipeline = {"stages": _STAGES, **jobs, "release": _release(task)}
    return yaml.safe_dump(pipeline, sort_keys=False, width=200)


def _build(jobs: Sequence[Job], task: Task) -> Iterator[tuple[str, dict[str, Any]]]:
    for job in jobs:
        yield _job("build", job, task.command("bake", job))


def _smoke(jobs: Sequence[Job], task: Task) -> Iterator[tuple[str, dict[str, Any]]]:
    for job in jobs:
        name, told = _job("smoke", job, task.command("smoke", job))
        yield name, {**told, "when": "always", "allow_failure": True}


def _job(stage: str, job: Job, command: str) -> tuple[str, dict[str, Any]]:
    name = f"{stage} {job.platform} {job.shard}: {job.name}"
    return name[:_NAME], {
        "extends": ".builder",
        "stage": stage,
        "tags": list(job.runner),
        "interruptible": True,
        "script": [command],
    }


def _release(task: Task) -> dict[str, Any]:
    return {
        "extends": ".builder",
        "stage": "release",
        "environment": {"name": "release"},
        "resource_group": "release",
        "interruptible": False,
        "id_tokens": {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}},
        "script": [f"{task.command('release')} $SIGN"],
        "rules": [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}],
    }

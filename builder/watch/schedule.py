"""Schedules that died, or are about to: nobody is told of a run that does not happen."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from builder.github.values import ACTIVE, QUIET, Repository, Run, Workflow
from builder.model.alarm import Alarm
from builder.watch.limits import Limits

GREEN, OFF, SOON = "schedule-not-green", "schedule-off", "schedule-ending"
# GitHub's documentation, "Disabling and enabling a workflow": public repositories, days without activity.
_DISABLED_AFTER = timedelta(days=60)
_ENABLE = "Enable it: `gh workflow enable {}`, or in the Actions tab."


def off(workflows: Sequence[Workflow], watched: Sequence[str]) -> Iterator[Alarm]:
    """Workflows that GitHub has stopped, and watched ones that people have stopped or that are not there."""
    for workflow in workflows:
        if workflow.state == QUIET:
            what = f"GitHub has stopped the schedule of `{workflow.file}`: 60 days without a commit"
            yield Alarm(OFF, workflow.file, what, _ENABLE.format(workflow.file))
        elif workflow.state != ACTIVE and workflow.file in watched:
            what = f"`{workflow.file}` is off ({workflow.state})"
            yield Alarm(OFF, workflow.file, what, _ENABLE.format(workflow.file))
    for file in watched:
        if all(workflow.file != file for workflow in workflows):
            what = f"there is no workflow `{file}` to watch"
            yield Alarm(OFF, file, what, "Name the one that releases: `watch --workflow FILE`.")


def not_green(workflow: Workflow, last: Run | None, now: datetime, limits: Limits) -> Iterator[Alarm]:
    """A schedule whose last good run is too long ago; one that is new gets as long to have its first."""
    since = last.began if last else workflow.created
    if now - since <= limits.green:
        return
    days = (now - since).days
    what = (
        f"the last good scheduled run of `{workflow.file}` was {days} days ago, on {since:%Y-%m-%d}"
        if last
        else f"`{workflow.file}` exists for {days} days and no scheduled run of it was ever good"
    )
    yield Alarm(
        GREEN, workflow.file, what, "Look at its last runs in the Actions tab; failures have an issue."
    )


def ending(
    repository: Repository, workflows: Sequence[Workflow], now: datetime, limits: Limits
) -> Iterator[Alarm]:
    """A public repository so quiet that GitHub will soon stop its schedules, this alarm's own included."""
    if repository.private or repository.last_commit is None:
        return
    quiet = now - repository.last_commit
    if quiet < limits.quiet or not any(workflow.state == ACTIVE for workflow in workflows):
        return
    on = repository.last_commit + _DISABLED_AFTER
    what = f"no commit for {quiet.days} days: GitHub stops all schedules on {on:%Y-%m-%d}"
    yield Alarm(SOON, repository.name, what, "Commit something: merge what `lock` proposes, for example.")

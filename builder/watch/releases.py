"""Releases that have grown old, with the bases' holes unpatched, and those that nobody approves."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from builder.github.values import Run, Workflow
from builder.model.alarm import Alarm
from builder.release.records import record as records
from builder.watch.limits import Limits

OLD, HELD = "release-old", "release-held"


def old(repository: str, tags: Iterable[str], today: date, limits: Limits) -> Iterator[Alarm]:
    """A repository whose newest release is too old by its epoch, or that has none."""
    name = records.newest(tags)
    fix = "See what `release --dry-run` refuses, and whether `lock` still proposes anything."
    if name is None:
        yield Alarm(OLD, repository, f"nothing was ever released to {repository}", fix)
        return
    epoch = date.fromisoformat(records.order(name)[1])
    if today - epoch > limits.release:
        what = f"the newest release in {repository}, `{name}`, is of {epoch}: {(today - epoch).days} days old"
        yield Alarm(OLD, repository, what, fix)


def held(workflow: Workflow, runs: Iterable[Run], now: datetime, limits: Limits) -> Iterator[Alarm]:
    """A workflow whose runs have waited too long for approval, once, with the run that waits longest."""
    oldest = min(runs, key=lambda run: run.began, default=None)
    if oldest and now - oldest.began > limits.approval:
        days = (now - oldest.began).days
        what = f"[a run of `{workflow.file}`]({oldest.url}) has been waiting for approval for {days} days"
        # GitHub's documentation, "Reviewing deployments".
        yield Alarm(HELD, workflow.file, what, "Approve or reject it; after 30 days GitHub fails it.")

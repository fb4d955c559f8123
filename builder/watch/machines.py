"""Runners that are away, and jobs that wait for one: GitHub gives them up after a day without a word.

That nobody is registered for a label is no alarm: runners may belong to an enterprise, or register for one
job and leave after it. The job that waits tells.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from builder.github.values import Runner, WaitingJob
from builder.model.alarm import Alarm
from builder.watch.limits import Limits

OFFLINE, UNSERVED, WAITING = "runner-offline", "label-unserved", "job-waiting"


def away(wanted: Mapping[str, Sequence[str]], runners: Sequence[Runner]) -> Iterator[Alarm]:
    """Runners of the repository that are offline and have the labels that some work asks for."""
    told = set()
    for work, labels in wanted.items():
        for runner in _able(runners, labels):
            if not runner.online and runner.name not in told:
                told.add(runner.name)
                what = f"the runner `{runner.name}` ({work}) is offline"
                yield Alarm(
                    OFFLINE, runner.name, what, "Start its machine, or its service: `./svc.sh status` there."
                )


def unserved(wanted: Mapping[str, Sequence[str]], runners: Sequence[Runner]) -> Iterator[Alarm]:
    """Work whose runners, the repository's and the organization's, are all offline."""
    for work, labels in wanted.items():
        able = _able(runners, labels)
        if able and not any(runner.online for runner in able):
            what = f"every runner with the labels for {work} is offline: {_shown(labels)}"
            fix = "Start one, or name others with `--runner` and `--gpu-runner` of `plan`."
            yield Alarm(UNSERVED, work, what, fix)


def _able(runners: Sequence[Runner], labels: Sequence[str]) -> tuple[Runner, ...]:
    return tuple(runner for runner in runners if {label.lower() for label in labels} <= runner.labels)


def waiting(jobs: Iterable[WaitingJob], now: datetime, limits: Limits) -> Iterator[Alarm]:
    """Labels for which a job has been waiting too long, each once with its oldest job."""
    oldest: dict[frozenset[str], WaitingJob] = {}
    for job in sorted(jobs, key=lambda job: job.since):
        oldest.setdefault(job.labels, job)
    for labels, job in oldest.items():
        if now - job.since > limits.waiting:
            hours = int((now - job.since).total_seconds() // 3600)
            asked = f"a runner with {_shown(labels)}"
            what = f"[{job.name}]({job.url}) has been waiting for {asked} for {hours} hours"
            fix = "Start or register one; after 24 hours GitHub gives the job up."
            yield Alarm(WAITING, " ".join(sorted(labels)), what, fix)


def _shown(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in sorted(labels))

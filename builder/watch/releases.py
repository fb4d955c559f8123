"""Releases that have grown old: with the bases' holes unpatched, whatever the schedule says of itself."""

from collections.abc import Iterable, Iterator
from datetime import date

from builder.model.alarm import Alarm
from builder.release import record as records
from builder.watch.limits import Limits

OLD = "release-old"


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

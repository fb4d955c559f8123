"""From when on something is worth an alarm."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """`green` is the age of the last good scheduled run, `release` that of the newest release.

    `horizon` is how long before an end people want to know; `quiet` how long a public repository may be
    without a commit; `waiting` how long a job may wait for a runner, `approval` a run for people.
    """

    green: timedelta = timedelta(days=10)
    release: timedelta = timedelta(days=35)
    horizon: timedelta = timedelta(days=90)
    quiet: timedelta = timedelta(days=45)
    waiting: timedelta = timedelta(hours=6)
    approval: timedelta = timedelta(days=3)

"""How long the builds of a run will take still, by what the last builds of the same images took."""

import time
from collections.abc import Callable, Iterable
from statistics import fmean

from builder.model.progress import Outlook
from builder.pipeline.staging.plan import Step


class Estimate:
    """Follows builds from their first sign of life to their end; asked from several threads.

    What was never built is taken for as long as the others are on average.
    """

    def __init__(self, missing: Iterable[Step], jobs: int, now: Callable[[], float] = time.monotonic) -> None:
        self._expected = {step.build.name: step.expected for step in missing}
        self._jobs = jobs
        self._now = now
        self._began: dict[str, float] = {}
        self._ended: set[str] = set()

    def left(self, name: str) -> int | None:
        """The seconds that a build will take still, which runs from the first question on."""
        begin = self._began.setdefault(name, self._now())
        expected = self._expected.get(name)
        return None if expected is None else max(round(expected - (self._now() - begin)), 0)

    def end(self, name: str) -> None:
        """A build is over, however."""
        self._ended.add(name)

    def outlook(self) -> Outlook:
        """How far all of them are."""
        done, total = len(self._ended), len(self._expected)
        known = [seconds for seconds in self._expected.values() if seconds is not None]
        if not known:
            return Outlook(done, total)
        rest = [self._rest(name, fmean(known)) for name in self._expected.keys() - self._ended]
        return Outlook(done, total, round(max(sum(rest) / self._jobs, *rest, 0)))

    def _rest(self, name: str, usual: float) -> float:
        expected, begin = self._expected[name], self._began.get(name)
        whole = usual if expected is None else expected
        return whole if begin is None else max(whole - (self._now() - begin), 0)

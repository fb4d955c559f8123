"""The budget of one piece of work: how often it has been tried, and how long it has waited."""

import random
from collections.abc import Callable

from builder.registry.errors import NotFoundError, RegistryError
from builder.registry.settings import Retry


class Tries:
    """Counts tries of one piece of work; `pause` is called with the seconds to wait between two."""

    def __init__(self, retry: Retry, pause: Callable[[float], None]) -> None:
        self._retry = retry
        self._pause = pause
        self._count = 1
        self._spent = 0.0

    def progressed(self) -> None:
        """Something came through since the last try: the budget begins anew."""
        self._count, self._spent = 1, 0.0

    def again(self, error: RegistryError, *, lag: bool = False) -> None:
        """Wait for the next try. With `lag`, "not found" may still turn into an answer.

        Raises:
            RegistryError: `error` itself, when another try is idle or the budget is spent.
        """
        delay = self._delay(error, lag=lag)
        if delay is None:
            raise error.tried(self._count) from error
        self._pause(delay)
        self._count += 1
        self._spent += delay

    def _delay(self, error: RegistryError, *, lag: bool) -> float | None:
        jitter = random.random()  # noqa: S311  spreads load, hides nothing
        if lag and isinstance(error, NotFoundError):
            return self._retry.lag_delay(self._count, self._spent, jitter)
        return (
            self._retry.delay(self._count, self._spent, error.retry_after, jitter)
            if error.temporary
            else None
        )

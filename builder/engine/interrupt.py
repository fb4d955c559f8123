"""Ends what other threads wait for when the user, or the machine, ends the run.

Python tells the main thread alone of a signal. The programs and containers of the others would go on, and the
run would wait for them.
"""

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A program that was about to listen for signals may have missed the first.
_AGAIN = 1.0


@dataclass
class _Run:
    """Whether the run is interrupted, what has to end then, and what the watcher is told.

    The handler works in the midst of what the main thread does: it may take no lock that this may hold, and a
    SimpleQueue's `put` takes none.
    """

    interrupted: bool = False
    ends: dict[object, Callable[[], None]] = field(default_factory=dict)
    told: "queue.SimpleQueue[bool]" = field(default_factory=queue.SimpleQueue)


_run = _Run()


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """While the block runs, SIGTERM and SIGINT both end what is `interruptible`, and raise KeyboardInterrupt.

    A signal that whoever started us has us ignore stays ignored. For the main thread only.
    """
    before = {one: signal.getsignal(one) for one in _SIGNALS}
    heeded = [one for one, handler in before.items() if handler is not signal.SIG_IGN]
    watcher = threading.Thread(target=_watch, daemon=True)
    watcher.start()
    for one in heeded:
        signal.signal(one, _interrupt)
    try:
        yield
    finally:
        for one in heeded:
            signal.signal(one, before[one])
        _run.told.put(False)
        watcher.join()
        _run.interrupted = False


@contextlib.contextmanager
def interruptible(end: Callable[[], None]) -> Iterator[None]:
    """Have `end` called, from another thread, if the run is interrupted while the block runs: until it ends.

    What was ended is no result: the block's end raises KeyboardInterrupt then, as does its begin after that.
    """
    key = object()
    _run.ends[key] = end
    try:
        heed()
        yield
        heed()
    finally:
        del _run.ends[key]


def heed() -> None:
    """Raise KeyboardInterrupt where the run is interrupted."""
    if _run.interrupted:
        raise KeyboardInterrupt


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    _run.interrupted = True
    _run.told.put(True)
    raise KeyboardInterrupt


def _watch() -> None:
    interrupted = _run.told.get()
    while interrupted:
        for end in list(_run.ends.values()):
            end()
        with contextlib.suppress(queue.Empty):
            interrupted = _run.told.get(timeout=_AGAIN)

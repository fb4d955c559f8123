"""Ends what other threads wait for when the user, or the machine, ends the run.

Python tells the main thread alone of a signal. The programs and containers of the others would go on, and the
run would wait for them.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Seconds. A program that was about to listen for signals may have missed the first.
_AGAIN = 0.5
# Bytes, one a signal.
_MANY = 64


@dataclass
class _Run:
    """Whether a signal came, what the main thread knows of it, and what has to end then."""

    interrupted: bool = False
    heard: bool = False
    raised: bool = False
    ends: dict[object, Callable[[], None]] = field(default_factory=dict)


_run = _Run()


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """While the block runs, SIGTERM and SIGINT both end what is `interruptible`, and raise KeyboardInterrupt.

    The main thread has half a second to come to `heed`, or to the result of a thread that did. Then it is
    raised wherever it is, as it is at once for a second signal: in the midst of `concurrent.futures` it would
    leave a lock taken, and threads that wait for it. A signal that whoever started us has us ignore stays
    ignored. For the main thread only.
    """
    before = {one: signal.getsignal(one) for one in _SIGNALS}
    heeded = [one for one, handler in before.items() if handler is not signal.SIG_IGN]
    told, tell = socket.socketpair()
    tell.setblocking(False)
    watcher = threading.Thread(target=_watch, args=(told,), daemon=True)
    watcher.start()
    # A byte comes at once; the handler only when the main thread does not just begin to wait for something.
    woken = signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    for one in heeded:
        signal.signal(one, _interrupt)
    try:
        yield
        heed()
    finally:
        for one in heeded:
            signal.signal(one, before[one])
        signal.set_wakeup_fd(woken)
        tell.close()
        watcher.join()
        told.close()
        _run.interrupted = _run.heard = _run.raised = False


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
        # It reaches the main thread, which is not to be raised again while it cleans up.
        _run.raised = True
        raise KeyboardInterrupt


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _run.interrupted = True
    if _run.heard:
        _run.raised = True
        raise KeyboardInterrupt
    _run.heard = True


def _watch(told: socket.socket) -> None:
    """From the first signal on, end what is interruptible, again and again, until the block is left."""
    sent = 0
    heard = told.recv(_MANY)
    while heard:
        sent = sent or next((one for one in heard if one in _SIGNALS), 0)
        if sent:
            _run.interrupted = True
            told.settimeout(_AGAIN)
            for end in list(_run.ends.values()):
                end()
        try:
            heard = told.recv(_MANY)
        except TimeoutError:
            if not _run.raised:
                signal.pthread_kill(threading.main_thread().ident or 0, sent)

"""A signal to the process alone ends what its threads wait for, and what they would begin after it."""

import contextlib
import signal
import subprocess
import sys
import threading

import pytest

from builder.engine.interrupt import heed, interruptible, signals_interrupt
from builder.engine.processes import run

PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from builder.engine.interrupt import signals_interrupt
from builder.engine.processes import run

def wait(number):
    print(f"{number}\\n", end="", flush=True)
    run(["sleep", "600"])

try:
    with signals_interrupt(), ThreadPoolExecutor(2) as pool:
        list(pool.map(wait, range(4)))
except KeyboardInterrupt:
    print("ended", flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_programs_of_threads_end(sent: signal.Signals) -> None:
    command = ["env", "--default-signal=INT", sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        begun = [process.stdout.readline() for _ in range(2)]
        process.send_signal(sent)
        rest = process.stdout.read().split()
    assert sorted(begun) == ["0\n", "1\n"]
    assert rest[-1] == "ended"
    assert process.returncode == 0


def hear(told: threading.Semaphore, times: int) -> None:
    """Have a signal come, and what it ends be told so often."""
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert all(told.acquire(timeout=60) for _ in range(times))


def test_what_a_signal_ended_is_no_result_and_nothing_begins_after_it() -> None:
    told = threading.Semaphore(0)
    with signals_interrupt():
        with pytest.raises(KeyboardInterrupt), interruptible(told.release):
            hear(told, 1)
        with pytest.raises(KeyboardInterrupt), interruptible(told.release):
            pytest.fail("it began")
    heed()


def test_what_missed_the_first_signal_is_told_again() -> None:
    told = threading.Semaphore(0)
    with pytest.raises(KeyboardInterrupt), signals_interrupt(), interruptible(told.release):
        hear(told, 2)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals_interrupt():
            signal.raise_signal(signal.SIGINT)
            heed()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def fail(*, interrupted: bool) -> None:
    with signals_interrupt():
        if interrupted:
            with contextlib.suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
        raise RuntimeError


def test_what_fails_of_a_signal_is_an_interruption() -> None:
    with pytest.raises(KeyboardInterrupt):
        fail(interrupted=True)
    with pytest.raises(RuntimeError):
        fail(interrupted=False)


def sleep() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        run(["sleep", "600"])


def test_threads_that_nobody_knows_of_have_ended_when_the_block_is_left() -> None:
    thread = threading.Thread(target=sleep)
    with contextlib.suppress(KeyboardInterrupt), signals_interrupt():
        thread.start()
        signal.raise_signal(signal.SIGTERM)
    assert not thread.is_alive()

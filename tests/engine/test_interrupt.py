"""A signal to the process alone ends what its threads wait for, and what they would begin after it."""

import contextlib
import signal
import subprocess
import sys
import threading

import pytest

from builder.engine.interrupt import heed, interruptible, signals_interrupt

PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from builder.engine.interrupt import signals_interrupt
from builder.engine.processes import run

def wait(number):
    print(f"{number}\\n", end="", flush=True)
    run(["sleep", "300"])

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
        try:
            rest = process.communicate(timeout=60)[0].split()
        finally:
            process.kill()
    assert sorted(begun) == ["0\n", "1\n"]
    assert rest[-1] == "ended"
    assert process.returncode == 0


def hear(told: threading.Semaphore, times: int) -> None:
    """Have a signal come, and what it ends be told so often."""
    signal.raise_signal(signal.SIGTERM)
    for _ in range(times):
        with contextlib.suppress(KeyboardInterrupt):
            assert told.acquire(timeout=60)


def end_one_and_begin_another() -> None:
    told = threading.Semaphore(0)
    with signals_interrupt():
        with pytest.raises(KeyboardInterrupt), interruptible(told.release):
            hear(told, 1)
        with interruptible(told.release):
            pytest.fail("it began")


def test_what_a_signal_ended_is_no_result_and_nothing_begins_after_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        end_one_and_begin_another()
    heed()


def test_what_missed_the_first_signal_is_told_again() -> None:
    told = threading.Semaphore(0)
    with pytest.raises(KeyboardInterrupt), signals_interrupt(), interruptible(told.release):
        hear(told, 3)


def wait() -> None:
    with signals_interrupt():
        signal.raise_signal(signal.SIGTERM)
        threading.Event().wait(60)
        pytest.fail("it went on")


def test_a_main_thread_that_waits_for_something_else_is_interrupted() -> None:
    with pytest.raises(KeyboardInterrupt):
        wait()


def clean_up(cleaned: threading.Event) -> None:
    with signals_interrupt():
        try:
            with interruptible(lambda: None):
                signal.raise_signal(signal.SIGTERM)
        finally:
            threading.Event().wait(1.5)
            cleaned.set()


def test_who_heeded_it_may_clean_up() -> None:
    cleaned = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        clean_up(cleaned)
    assert cleaned.is_set()


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with signals_interrupt():
            signal.raise_signal(signal.SIGINT)
            heed()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

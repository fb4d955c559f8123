"""A check that crashes, hangs, forks or shouts costs itself, and nothing else."""

import faulthandler
import os
import signal
import sys
import time

from builder.smoke.probes.check import Check, Failed, Run, Skipped, always
from builder.smoke.probes.promise import Facts, Promise
from builder.smoke.probes.supervise import Result, supervise

PROMISE = Promise(
    machine="x86_64",
    os="debian12",
    source="cpu",
    env="pip",
    flavor="base",
    cuda="",
    torch="",
    python="3.11",
    libraries=[],
    absent=[],
    compiler=False,
    driver="",
    level="cpu",
    profile="quick",
    gpus=0,
    command=[],
    seconds=0,
)


def fine(_promise: Promise, facts: Facts) -> str:
    facts["seen"] = "yes"
    return "fine"


def crashes(_promise: Promise, _facts: Facts) -> str:
    faulthandler.disable()  # pytest's own
    os.write(2, b"last words of the crash")
    os.kill(os.getpid(), signal.SIGSEGV)
    return "not reached"


def hangs(_promise: Promise, _facts: Facts) -> str:
    while True:
        time.sleep(60)


def leaves(_promise: Promise, _facts: Facts) -> str:
    os._exit(7)


def exits(_promise: Promise, _facts: Facts) -> str:
    sys.exit("no reason")


def shouts(_promise: Promise, _facts: Facts) -> str:
    for _ in range(1000):
        os.write(1, b"\x1e{}" + b"x" * 10_000 + b"\n")
    return "said much"


def orphans(_promise: Promise, _facts: Facts) -> str:
    """Dies while a child of it keeps the pipes open."""
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    return "not reached"


_LOST: list[str] = []


def loses_the_context(_promise: Promise, _facts: Facts) -> str:
    _LOST.append("context")
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


def loses_something(_promise: Promise, _facts: Facts) -> str:
    _LOST.append("something else")
    raise RuntimeError("out of paper")


def needs_the_context(_promise: Promise, _facts: Facts) -> str:
    if _LOST:
        raise Failed(f"{_LOST[0]} is lost")
    return "all there"


def refuses(_promise: Promise, _facts: Facts) -> str:
    raise Failed("another version")


def declines(_promise: Promise, _facts: Facts) -> str:
    raise Skipped("nothing to see")


def interrupts(_promise: Promise, _facts: Facts) -> str:
    raise KeyboardInterrupt


def results(*runs: Run, lane: str = "one", limit: float = 30, seconds: float = 60) -> dict[str, Result]:
    names = [f"{number}.{run.__name__}" for number, run in enumerate(runs)]
    checks = [
        Check(name, "it works", lane, limit, always, run) for name, run in zip(names, runs, strict=True)
    ]
    found = list(supervise(checks, PROMISE, seconds=seconds, patience=1))
    assert sorted(result["done"] for result in found) == sorted(check.id for check in checks)
    return {result["done"]: result for result in found}


def test_results_and_facts_come_back() -> None:
    (result,) = results(fine).values()
    assert (result["status"], result["detail"], result["facts"]) == ("passed", "fine", {"seen": "yes"})


def test_a_crash_is_one_failed_check_with_its_last_words() -> None:
    found = results(fine, crashes, fine)
    assert [result["status"] for result in found.values()] == ["passed", "failed", "passed"]
    assert "signal 11" in found["1.crashes"]["detail"]
    assert "last words of the crash" in found["1.crashes"]["detail"]


def test_a_hang_is_one_failed_check() -> None:
    found = results(hangs, fine, limit=0.5)
    assert "no answer within 0.5 s" in found["0.hangs"]["detail"]
    assert found["1.fine"]["status"] == "passed"


def test_a_lost_context_costs_one_check() -> None:
    """What CUDA does: once an error is met, every later call in that process gives the same one."""
    found = results(loses_the_context, needs_the_context, fine)
    assert [result["status"] for result in found.values()] == ["failed", "passed", "passed"]


def test_any_other_failure_keeps_the_process() -> None:
    """Starting it again would import torch again."""
    found = results(loses_something, needs_the_context)
    assert [result["status"] for result in found.values()] == ["failed", "failed"]


def test_every_check_may_crash() -> None:
    assert {result["status"] for result in results(crashes, leaves, crashes, exits).values()} == {"failed"}


def test_leaving_without_a_result_is_a_failure() -> None:
    assert "exited with 7" in results(leaves)["0.leaves"]["detail"]
    assert "SystemExit" in results(exits)["0.exits"]["detail"]
    assert "KeyboardInterrupt" in results(interrupts)["0.interrupts"]["detail"]


def test_output_of_a_check_is_no_result() -> None:
    found = results(shouts, fine)
    assert {result["status"] for result in found.values()} == {"passed"}


def test_an_orphan_that_holds_the_pipes_is_ended_with_its_parent() -> None:
    found = results(orphans, fine)
    assert "signal 9" in found["0.orphans"]["detail"]
    assert found["1.fine"]["status"] == "passed"


def test_refusals_and_skips_keep_their_words() -> None:
    found = results(refuses, declines)
    assert (found["0.refuses"]["status"], found["0.refuses"]["detail"]) == ("failed", "another version")
    assert (found["1.declines"]["status"], found["1.declines"]["detail"]) == ("skipped", "nothing to see")


def test_the_whole_test_has_an_end() -> None:
    found = results(hangs, fine, seconds=0.5)
    assert {result["status"] for result in found.values()} == {"failed"}
    assert "the whole test" in found["1.fine"]["detail"]


def test_nothing_is_left_running() -> None:
    results(orphans, hangs, crashes, limit=0.5)
    try:
        left = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        left = (0, 0)
    assert left == (0, 0)

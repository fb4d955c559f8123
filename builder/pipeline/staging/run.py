"""The main job: build what is missing and test each image as soon as it is there."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from builder.model.digest import Digest
from builder.model.outcome import BuildOutcome, Built, Reused, Tested, TestOutcome
from builder.model.progress import Outlook, Progress
from builder.model.space import Space
from builder.pipeline.staging.build import Baked, bake_all
from builder.pipeline.staging.estimate import Estimate
from builder.pipeline.staging.kitchen import Kitchen
from builder.pipeline.staging.plan import Step
from builder.pipeline.staging.smoke import Bench, needs_test, smoke


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended. `test` is None where no test was needed or asked for, or no image was there."""

    step: Step
    build: BuildOutcome
    test: TestOutcome | None


class Listener(Protocol):
    """Is told what happens while it happens, from several threads."""

    def space(self, space: Space) -> None:
        """Builds are to begin, and need disk."""

    def progress(self, progress: Progress) -> None:
        """A build got further."""

    def outlook(self, outlook: Outlook) -> None:
        """Builds are to begin, or one of them ended: how far all of them are."""

    def baked(self, baked: Baked) -> None:
        """A build ended."""

    def testing(self, step: Step) -> None:
        """A test begins."""

    def tested(self, step: Step, outcome: TestOutcome) -> None:
        """A test ended."""


def run(
    kitchen: Kitchen, bench: Bench | None, steps: Sequence[Step], listener: Listener
) -> tuple[Result, ...]:
    """Build and test these steps, in the order given; without a bench nothing is tested."""
    estimate = Estimate((step for step in steps if step.staged is None), kitchen.jobs)
    observer = kitchen.observer
    kitchen = replace(kitchen, observer=lambda told: observer(_timed(told, estimate)))
    _look_ahead(estimate, listener)
    tests: dict[str, Future[TestOutcome]] = {}
    builds: dict[str, BuildOutcome] = {}
    staged: dict[str, Digest] = {}
    waiting: list[Step] = []
    with ThreadPoolExecutor(bench.width if bench else 1, thread_name_prefix="smoke") as pool:
        try:
            for baked in bake_all(kitchen, steps):
                builds[baked.step.build.name] = baked.outcome
                listener.baked(baked)
                if baked.step.staged is None:
                    estimate.end(baked.step.build.name)
                    _look_ahead(estimate, listener)
                if digest := _digest(baked.outcome):
                    staged[baked.step.build.name] = digest
                if bench is None:
                    continue
                if digest and needs_test(baked.step, gpu=bool(bench.gpus)):
                    waiting.append(baked.step)
                for step in [step for step in waiting if _knows_lender(step, builds)]:
                    waiting.remove(step)
                    tests[step.build.name] = pool.submit(test, bench, step, staged, listener)
            results = [
                Result(
                    step,
                    builds[step.build.name],
                    tests[step.build.name].result() if step.build.name in tests else None,
                )
                for step in steps
            ]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(results)


def _timed(progress: Progress, estimate: Estimate) -> Progress:
    return replace(progress, left=estimate.left(progress.build))


def _look_ahead(estimate: Estimate, listener: Listener) -> None:
    outlook = estimate.outlook()
    if outlook.total:
        listener.outlook(outlook)


def _knows_lender(step: Step, ended: Mapping[str, BuildOutcome]) -> bool:
    """Whether what lends a Python to a test is there, or never will be."""
    return step.build.lender is None or step.build.lender.name in ended


def test(bench: Bench, step: Step, staged: Mapping[str, Digest], listener: Listener) -> TestOutcome:
    """Test one image and tell the listener. `staged` has its digest and those of others, by name."""
    listener.testing(step)
    outcome = smoke(bench, step, staged)
    listener.tested(step, outcome)
    return outcome


def _digest(outcome: BuildOutcome) -> Digest | None:
    return outcome.digest if isinstance(outcome, Built | Reused) else None


def passed(test: TestOutcome | None) -> bool:
    """Whether a test, if there was one, passed."""
    return test is None or (isinstance(test, Tested) and test.receipt.passed)

"""What `bake` says of builds and tests while they run, and the table at the end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from builder.cli.events import Events
from builder.cli.options import ProgressMode
from builder.cli.screens import Lines, Screen, Workflow, terminal
from builder.model.outcome import (
    BuildOutcome,
    BuildStep,
    Built,
    Cause,
    Failed,
    Reused,
    Skipped,
    Tested,
    TestOutcome,
    Untested,
)
from builder.model.progress import Outlook, Progress
from builder.model.receipt import Status
from builder.model.space import Space

if TYPE_CHECKING:
    from builder.pipeline.bake import Report
    from builder.pipeline.staging.build import Baked
    from builder.pipeline.staging.plan import Step
    from builder.pipeline.staging.run import Result


class Show:
    """Turns events into lines."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def space(self, space: Space) -> None:
        """Builds are to begin."""
        from builder.report.space import sentences

        for sentence in sentences(space):
            self._screen.line(sentence)

    def progress(self, progress: Progress) -> None:
        """A build got further."""
        self._screen.progress(progress)

    def outlook(self, outlook: Outlook) -> None:
        """How far all builds are."""
        self._screen.outlook(outlook)

    def baked(self, baked: "Baked") -> None:
        """A build ended."""
        name = baked.step.build.name
        self._screen.done(name)
        title = f"{name}: {told(baked.outcome)}"
        match baked.outcome:
            case Built(steps=steps):
                why = f"{title} because {'; '.join(baked.step.why[:3])}"
                self._screen.folded(why, [_timed(step) for step in steps])
            case Failed(log=log, reproduce=again):
                self._screen.failed(title, [*(f"  | {line}" for line in log), f"  again: {again}"])
            case Skipped():
                self._screen.line(title)

    def testing(self, step: "Step") -> None:
        """A test begins."""

    def tested(self, step: "Step", outcome: TestOutcome) -> None:
        """A test ended."""
        title = f"{step.build.name}: {verdict(outcome)}"
        if isinstance(outcome, Tested) and outcome.receipt.passed:
            self._screen.line(title)
        else:
            self._screen.failed(title, [f"  | {line}" for line in objections(outcome)])

    def closing(self, report: "Report") -> str:
        """The table of all, and the sums."""
        from builder.report.findings import paragraph
        from builder.report.table import table

        notices = "".join(f"{paragraph(finding)}\n" for finding in report.findings)
        rows = [_row(result) for result in report.results]
        counts = [(report.count(Built), "built"), (report.count(Reused), "unchanged")]
        counts += [(report.count(Failed), "failed"), (report.count(Skipped), "skipped")]
        sums = ", ".join(f"{count} {word}" for count, word in counts if count)
        asked = f"requests to registries: {report.requests.total}, writes: {report.requests.writes}"
        return f"{notices}{table(('image', 'build', 'test'), rows)}\n{sums}; {asked}"


class Quiet(Show):
    """Shows what went wrong, and the table at the end."""

    def space(self, space: Space) -> None:
        """Only where it may not be enough."""
        if space.short:
            super().space(space)

    def outlook(self, outlook: Outlook) -> None:
        """Nothing."""

    def baked(self, baked: "Baked") -> None:
        """Only failures."""
        if isinstance(baked.outcome, Failed):
            super().baked(baked)

    def tested(self, step: "Step", outcome: TestOutcome) -> None:
        """Only what did not pass."""
        if not isinstance(outcome, Tested) or not outcome.receipt.passed:
            super().tested(step, outcome)


def told(outcome: BuildOutcome) -> str:
    """A build's outcome in a few words."""
    match outcome:
        case Built(digest, seconds, retried):
            return f"built {digest.short} in {seconds:.0f} s{_tries(retried)}"
        case Reused():
            return "unchanged"
        case Failed(cause, step, retried=retried):
            return f"failed: {cause}{f': {step}' if step else ''}{_tries(retried)}"
        case Skipped(reason):
            return f"skipped: {reason}"


def _timed(step: BuildStep) -> str:
    took = "cached" if step.cached else f"{step.seconds:.1f} s"
    return f"{took:>9}  {step.name}"


def _tries(retried: Cause | None) -> str:
    return f", at the second try, because {retried} at the first" if retried else ""


def verdict(outcome: TestOutcome | None) -> str:
    """A test's outcome in a few words."""
    match outcome:
        case None:
            return ""
        case Tested(receipt):
            count = len(receipt.checks)
            failed = len(receipt.ids(Status.FAILED))
            word = f"passed {count} checks" if receipt.passed else f"failed {failed} of {count} checks"
            return f"{word} at level {receipt.level}"
        case Untested(reason):
            return reason


def objections(outcome: TestOutcome) -> tuple[str, ...]:
    """The checks that did not pass, with what was seen."""
    if not isinstance(outcome, Tested) or outcome.receipt.passed:
        return ()
    return tuple(
        f"{check.id}: {check.status}: {check.detail}"
        for check in outcome.receipt.checks
        if check.status is not Status.PASSED
    )


def _row(result: "Result") -> tuple[str, str, str]:
    step = result.step
    test = verdict(result.test) or _levels(step)
    return step.build.name, _brief(result.build), test


def _brief(outcome: BuildOutcome) -> str:
    return f"failed: {outcome.cause}" if isinstance(outcome, Failed) else told(outcome)


def _levels(step: "Step") -> str:
    level = ", ".join(sorted(step.passed))
    return f"passed at level {level}" if level else ""


@contextmanager
def listener(mode: ProgressMode = ProgressMode.AUTO) -> Iterator[Show | Events]:
    """Where the events of a run go, for as long as it runs."""
    match mode:
        case ProgressMode.JSON:
            yield Events()
        case ProgressMode.QUIET:
            yield Quiet(_log())
        case ProgressMode.AUTO if sys.stdout.isatty():
            with terminal() as screen:
                yield Show(screen)
        case _:
            yield Show(_log())


def _log() -> Screen:
    return Workflow() if os.environ.get("GITHUB_ACTIONS") == "true" else Lines()

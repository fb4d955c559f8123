"""What `bake` shows: bars on a terminal, lines elsewhere, and the table at the end."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from builder.cli.events import Events
from builder.cli.options import ProgressMode
from builder.model.outcome import (
    BuildOutcome,
    Built,
    Cause,
    Failed,
    Reused,
    Skipped,
    Tested,
    TestOutcome,
    Untested,
)
from builder.model.progress import Progress
from builder.model.receipt import Status
from builder.model.space import Space

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from builder.pipeline.bake import Baked
    from builder.pipeline.main import Report
    from builder.pipeline.plan import Step
    from builder.pipeline.run import Result


class Screen(Protocol):
    """Where lines and progress go."""

    def line(self, text: str) -> None:
        """Print a line that stays."""

    def progress(self, progress: Progress) -> None:
        """Show how far a build is."""

    def done(self, build: str) -> None:
        """A build is over."""


class Lines:
    """For logs: a line where something ended, and none in between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Print it at once, whole."""
        with self._lock:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def progress(self, progress: Progress) -> None:
        """Nothing: a log has no place for it."""

    def done(self, build: str) -> None:
        """Nothing more than its line."""


class Terminal:
    """Bars, one a running build, that go when it ends."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Print above the bars."""
        self._bars.console.print(text, highlight=False, markup=False)

    def progress(self, progress: Progress) -> None:
        """Move the build's bar."""
        with self._lock:
            task = self._tasks.get(progress.build)
            if task is None:
                task = self._tasks[progress.build] = self._bars.add_task(progress.build, total=None, step="")
        self._bars.update(task, completed=progress.done, total=progress.known, step=progress.step[:60])

    def done(self, build: str) -> None:
        """Remove the build's bar."""
        with self._lock:
            task = self._tasks.pop(build, None)
        if task is not None:
            self._bars.remove_task(task)


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

    def baked(self, baked: "Baked") -> None:
        """A build ended."""
        name = baked.step.build.name
        self._screen.done(name)
        if not isinstance(baked.outcome, Reused):
            why = f" because {'; '.join(baked.step.why[:3])}" if isinstance(baked.outcome, Built) else ""
            self._screen.line(f"{name}: {told(baked.outcome)}{why}")
        if isinstance(baked.outcome, Failed):
            for line in baked.outcome.log:
                self._screen.line(f"  | {line}")
            self._screen.line(f"  again: {baked.outcome.reproduce}")

    def testing(self, step: "Step") -> None:
        """A test begins."""

    def tested(self, step: "Step", outcome: TestOutcome) -> None:
        """A test ended."""
        self._screen.line(f"{step.build.name}: {verdict(outcome)}")
        for line in objections(outcome):
            self._screen.line(f"  | {line}")

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
            yield Quiet(Lines())
        case ProgressMode.AUTO if sys.stdout.isatty():
            with _bars() as bars:
                yield Show(Terminal(bars))
        case _:
            yield Show(Lines())


def _bars() -> "Bars":
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}"),
    )
    return Bars(*columns, transient=True)

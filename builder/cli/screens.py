"""Where `bake` shows what it does: a terminal with bars, a log, or the log of a GitHub job."""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from builder.model.duration import show_duration
from builder.model.progress import Outlook, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_ALL = "all builds"


class Screen(Protocol):
    """Where lines and progress go."""

    def line(self, text: str) -> None:
        """Print a line that stays."""

    def folded(self, title: str, lines: Sequence[str]) -> None:
        """Print a title, and lines below it where they can be out of the way."""

    def failed(self, title: str, lines: Sequence[str]) -> None:
        """Print what went wrong, with lines that say more of it."""

    def progress(self, progress: Progress) -> None:
        """Show how far a build is."""

    def done(self, build: str) -> None:
        """A build is over."""

    def outlook(self, outlook: Outlook) -> None:
        """Show how far all builds are."""


class Lines:
    """For logs: a line where something ended, and none in between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Print it at once, whole."""
        with self._lock:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def folded(self, title: str, lines: Sequence[str]) -> None:  # noqa: ARG002  nothing folds here
        """The title alone."""
        self.line(title)

    def failed(self, title: str, lines: Sequence[str]) -> None:
        """All of it."""
        self.line("\n".join((title, *lines)))

    def progress(self, progress: Progress) -> None:
        """Nothing: a log has no place for it."""

    def done(self, build: str) -> None:
        """Nothing more than its line."""

    def outlook(self, outlook: Outlook) -> None:
        """A line where something is left to do, and it is known how long that takes."""
        if outlook.left is not None and outlook.done < outlook.total:
            left = show_duration(outlook.left)
            self.line(f"{outlook.done} of {outlook.total} builds done, some {left} left")


class Workflow(Lines):
    """For the log of a GitHub job: a group to unfold for each image, and failures as annotations."""

    def folded(self, title: str, lines: Sequence[str]) -> None:
        """A group, whole: what runs at once does not mix."""
        from builder.report.workflow import workflow_command

        self.line("\n".join((workflow_command("group", title), *lines, workflow_command("endgroup"))))

    def failed(self, title: str, lines: Sequence[str]) -> None:
        """In the open, and where GitHub shows a run's errors."""
        from builder.report.workflow import workflow_command

        name, _, what = title.partition(": ")
        told = workflow_command("error", "\n".join((what, *lines)), title=name)
        self.line("\n".join((title, *lines, told)))


class Terminal:
    """Bars that go when they are full: one for each build that runs, and one for all."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Print above the bars."""
        self._bars.console.print(text, highlight=False, markup=False)

    def folded(self, title: str, lines: Sequence[str]) -> None:  # noqa: ARG002  nothing folds here
        """The title alone."""
        self.line(title)

    def failed(self, title: str, lines: Sequence[str]) -> None:
        """All of it."""
        self.line("\n".join((title, *lines)))

    def progress(self, progress: Progress) -> None:
        """Move the build's bar."""
        self._show(progress.build, progress.done, progress.known, progress.left, progress.step)

    def done(self, build: str) -> None:
        """Remove the build's bar."""
        with self._lock:
            task = self._tasks.pop(build, None)
        if task is not None:
            self._bars.remove_task(task)

    def outlook(self, outlook: Outlook) -> None:
        """Move the bar of all."""
        if outlook.done == outlook.total:
            self.done(_ALL)
        elif outlook.total > 1:
            self._show(_ALL, outlook.done, outlook.total, outlook.left, "")

    def _show(self, name: str, done: int, total: int, left: int | None, step: str) -> None:
        with self._lock:
            task = self._tasks.get(name)
            if task is None:
                task = self._tasks[name] = self._bars.add_task(name, total=None, left="", step="")
        told = "" if left is None else f"{show_duration(left)} left"
        self._bars.update(task, completed=done, total=total, left=told, step=step)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """The terminal of standard output, with bars for as long as the block runs."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars
    from rich.table import Column

    # A step's name begins with a bracket, as Rich's markup does. What is left of the line is for it.
    rest = Column(ratio=1, no_wrap=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        TextColumn("{task.fields[step]}", markup=False, table_column=rest),
    )
    with Bars(*columns, transient=True, expand=True) as bars:
        yield Terminal(bars)

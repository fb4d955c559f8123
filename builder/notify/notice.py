"""What people are told of a run."""

from dataclasses import dataclass
from enum import StrEnum

MOST = 10


class Outcome(StrEnum):
    """How a run ended, in the words of GitHub's job results."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which image, and the command that does it again alone."""

    kind: str
    subject: str
    what: str
    command: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page to look at."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """How a run of a family ended: what it released, what that changed, what is wrong, where to look."""

    family: str
    outcome: Outcome
    released: str = ""
    changed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def title(self) -> str:
        """One line that says it."""
        released = f"{self.released} is out" if self.released else ""
        match self.outcome:
            case Outcome.SUCCESS:
                ended = "" if released else "nothing new to release"
            case Outcome.FAILURE:
                ended = "the run failed"
            case _:
                ended = f"the run was {self.outcome}"
        return f"{self.family}: {', but '.join(filter(None, (released, ended)))}"

    @property
    def is_news(self) -> bool:
        """Whether anybody wants to be told: a good run that had nothing to do is silent."""
        return self.outcome in (Outcome.FAILURE, Outcome.CANCELLED) or bool(self.released)


def some(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The first lines, and how many more there are: chats refuse what is too long."""
    rest = len(lines) - MOST
    return (*lines[:MOST], f"and {rest} more") if rest > 0 else lines

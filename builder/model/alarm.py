"""Something that people have to look after before it hurts somebody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alarm:
    """What was noticed, of which subject, and what to do. Kind and subject stay the same over days."""

    kind: str
    subject: str
    what: str
    fix: str

    @property
    def id(self) -> str:
        """By what it is known again: `runner-offline gpu-3`."""
        return f"{self.kind} {self.subject}"


@dataclass(frozen=True, slots=True)
class Unseen:
    """Kinds of alarm that nobody could look for now, and why: those that are up are not over for that."""

    kinds: frozenset[str]
    why: str

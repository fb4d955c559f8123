"""What the doctor says of one thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """The parts of a machine that images are built, tested and published with, from the hardware up."""

    DRIVER = "driver"
    WSL2 = "WSL2"
    LENDING = "GPU in containers"
    ENGINE = "engine"
    BUILDER = "builder"
    EMULATION = "emulation"
    DISK = "disk"
    REGISTRY = "registry"


class State(StrEnum):
    """How a thing is. A note says what will hurt one day; only what is broken stops a job."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


class Job(StrEnum):
    """What somebody wants to do on this machine."""

    BAKE = "bake"
    SMOKE = "smoke"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing: what was seen, the command that mends it, and the jobs that need it."""

    part: Part
    state: State
    what: str
    fix: str = ""
    jobs: frozenset[Job] = frozenset(Job)

    def stops(self, wanted: frozenset[Job]) -> bool:
        """Whether one of these jobs cannot be done because of it."""
        return self.state is State.BROKEN and bool(self.jobs & wanted)


@dataclass(frozen=True, slots=True)
class Of:
    """Makes the observations of one part."""

    part: Part
    jobs: frozenset[Job]

    def ok(self, what: str) -> Observation:
        """As it should be."""
        return Observation(self.part, State.OK, what, jobs=self.jobs)

    def note(self, what: str, fix: str = "") -> Observation:
        """Works, and there is something to know."""
        return Observation(self.part, State.NOTE, what, fix, self.jobs)

    def broken(self, what: str, fix: str) -> Observation:
        """Does not work."""
        return Observation(self.part, State.BROKEN, what, fix, self.jobs)


def of(part: Part, jobs: Iterable[Job] = Job) -> Of:
    """A maker of observations of this part, which these jobs need."""
    return Of(part, frozenset(jobs))

"""How the work on one cell ended. Failures are values: they end up in the report, not in a traceback."""

from dataclasses import dataclass
from enum import StrEnum

from builder.model.digest import Digest
from builder.model.receipt import Receipt


class Cause(StrEnum):
    """What kind of failure a build ended with."""

    STEP = "a step failed"
    ACCESS = "the registry refused access"
    MISSING = "the registry lacks what it needs"
    LIMIT = "too much was asked of a registry or an index; log in to it, name a mirror, or wait"
    REGISTRY = "the registry failed"
    NETWORK = "the network failed"
    DISK = "the disk is full"
    ENGINE = "the engine went away"
    PLATFORM = "the builder cannot build this platform"
    TRUST = "what was fetched is not what was pinned; `lock --update` takes a wheel that changed"
    CHANGED = "its files changed while the run went on"
    BUDGET = "the image is over its budget"
    OTHER = "the build failed"

    @property
    def transient(self) -> bool:
        """Whether the same build may well succeed when it is tried again."""
        return self in (Cause.REGISTRY, Cause.NETWORK, Cause.ENGINE)


@dataclass(frozen=True, slots=True)
class BuildStep:
    """A step of a build, and the seconds that it took; `cached` where the builder knew its result."""

    name: str
    seconds: float
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """An image was built and pushed. `digest` is that of its platform manifest.

    `retried` is what a first try failed with, where there were two. `steps` are in the order in
    which they began.
    """

    digest: Digest
    seconds: float
    retried: Cause | None = None
    steps: tuple[BuildStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Reused:
    """Staging had an image of the same key."""

    digest: Digest


@dataclass(frozen=True, slots=True)
class Failed:
    """No image: which step failed, the last lines it printed, and the command that does it again alone.

    `retried` is what a first try failed with, where there were two.
    """

    cause: Cause
    step: str
    log: tuple[str, ...]
    reproduce: str
    retried: Cause | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing was tried, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tested:
    """A smoke test ran to a verdict."""

    receipt: Receipt
    reused: bool = False


@dataclass(frozen=True, slots=True)
class Untested:
    """No verdict: the test could not run."""

    reason: str


BuildOutcome = Built | Reused | Failed | Skipped
TestOutcome = Tested | Untested

"""What is to be released, and how that ended for each target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from builder.model.cell import Level
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.policy import Demand
from builder.model.reference import Repository


@dataclass(frozen=True, slots=True)
class Part:
    """One platform of a candidate: where its image is staged, and what it must say of itself.

    `staged` is None where nothing is staged for the cell's key; `labels` and `key` are those of its build;
    `demands` are the GPUs and drivers that receipts must come from; `budget` is the most that a pull may
    download, in bytes.
    """

    platform: Platform
    require: Level
    staging: Repository
    staged: Digest | None
    key: Digest
    labels: Mapping[str, str] = field(hash=False)
    demands: tuple[Demand, ...] = ()
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target that should be released, with all platforms that the matrix gives it, sorted.

    `dropped` are those of them that the selection leaves out, `excluded` others that it had to lose: rules of
    the matrix with a reason take them out. `notes` are annotations that its index gets besides the labels
    that all platforms agree on.
    """

    name: str
    tags: tuple[str, ...]
    rolling: tuple[str, ...]
    parts: tuple[Part, ...]
    dropped: tuple[Platform, ...] = ()
    excluded: frozenset[Platform] = frozenset()
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def shared(self) -> Mapping[str, str]:
        """The labels that all platforms agree on."""
        first, *others = (part.labels for part in self.parts)
        same = {n: v for n, v in first.items() if all(other.get(n) == v for other in others)}
        return MappingProxyType(same)


@dataclass(frozen=True, slots=True)
class Published:
    """As of this run, all its tags point to its release index."""

    target: str
    digest: Digest
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """All its tags pointed to the release index already."""

    target: str
    digest: Digest
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """Approved, and not published: this was a dry run, or another target was refused."""

    target: str
    digest: Digest
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is wrong with it, and something is missing that this run cannot supply; others are released."""

    target: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Something is wrong with it, so that nothing at all is released."""

    target: str
    reasons: tuple[str, ...]


ReleaseOutcome = Published | Unchanged | Ready | Withheld | Refused

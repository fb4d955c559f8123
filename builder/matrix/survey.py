"""What registries say of a matrix, as its rules see it. `builder.pipeline.existing.survey` asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.platform import Platform
from builder.model.reference import Repository


@dataclass(frozen=True, slots=True)
class Found:
    """It is there: the digest that the name points to, and that of each platform's image."""

    index: Digest
    platforms: Mapping[Platform, Digest] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Absent:
    """The registry's own definite word that there is no such thing."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Nobody could tell: why, what to do, and the exit code of a run that ends because of it."""

    why: str
    fix: str
    code: ExitCode


Answer = Found | Absent | Untold


@dataclass(frozen=True, slots=True)
class BaseAnswers:
    """What each place says of a base, mirrors first and the origin last.

    `lost` are the platforms whose locked digest is nowhere any more; what could not be asked is not lost.
    """

    places: Mapping[Repository, Answer] = field(hash=False)
    lost: frozenset[Platform] = frozenset()

    @property
    def found(self) -> Mapping[Repository, Found]:
        """The places that have it."""
        return {place: answer for place, answer in self.places.items() if isinstance(answer, Found)}

    @property
    def untold(self) -> Mapping[Repository, Untold]:
        """The places that could not be asked."""
        return {place: answer for place, answer in self.places.items() if isinstance(answer, Untold)}

    @property
    def disagreement(self) -> Mapping[Platform, Mapping[Repository, Digest]]:
        """What each place that has it says of the platforms on which they do not agree."""
        platforms = sorted({platform for found in self.found.values() for platform in found.platforms})
        told = {
            platform: {p: f.platforms[platform] for p, f in self.found.items() if platform in f.platforms}
            for platform in platforms
        }
        return {platform: said for platform, said in told.items() if len(set(said.values())) > 1}

    @property
    def first(self) -> Found | None:
        """What the first place that has it says."""
        return next(iter(self.found.values()), None)


@dataclass(frozen=True, slots=True)
class Taken:
    """A release tag that is there already, on images of other inputs than the matrix's."""

    repository: Repository
    tag: str
    target: str
    platforms: tuple[Platform, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The packages of an image, and of what it is built on, each by kind and name: `deb libc6`."""

    image: Mapping[str, str] = field(hash=False)
    below: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Survey:
    """All answers: of the bases by their proper name, and of the repositories that are written to.

    `tags` are those of each repository whose list was asked for: release repositories, and places that lack
    a base. `refused` are repositories that would not take a push, `untold` those that could not be asked.
    `sizes` are the compressed bytes of images that are staged for today's inputs, by target and platform,
    where their flavor has a budget, and `contents` the packages of those that have a list of them.
    """

    bases: Mapping[str, BaseAnswers] = field(default_factory=dict, hash=False)
    tags: Mapping[Repository, frozenset[str]] = field(default_factory=dict, hash=False)
    taken: tuple[Taken, ...] = ()
    refused: Mapping[Repository, Untold] = field(default_factory=dict, hash=False)
    untold: Mapping[Repository, Untold] = field(default_factory=dict, hash=False)
    sizes: Mapping[tuple[str, Platform], int] = field(default_factory=dict, hash=False)
    contents: Mapping[tuple[str, Platform], Contents] = field(default_factory=dict, hash=False)

    @property
    def troubles(self) -> Iterator[Untold]:
        """Everything that nobody could tell."""
        for answers in self.bases.values():
            yield from answers.untold.values()
        yield from self.untold.values()

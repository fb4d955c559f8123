"""Asks the places of a base, mirrors first, what its tag is there. What cannot be asked is never absent."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TypeVar

from builder.matrix.expansion.bases import Base
from builder.matrix.lock import LockedBase
from builder.matrix.survey import Absent, Answer, BaseAnswers, Found, Untold
from builder.model.errors import BuilderError
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.registry.client import Registry
from builder.registry.errors import UnavailableError

T = TypeVar("T")


class Asker:
    """Asks registries, and one that has used up the patience of a request no more.

    Without this a registry that is down would cost the patience of every base, which comes to minutes.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._down: dict[str, Untold] = {}
        self._lock = Lock()

    def ask(self, repository: Repository, question: Callable[[], T]) -> T | Untold:
        """The answer to a question about a repository, or why there is none."""
        with self._lock:
            down = self._down.get(repository.registry)
        if down:
            return down
        try:
            return question()
        except BuilderError as error:
            untold = Untold(error.what, error.fix, error.code)
            if isinstance(error, UnavailableError):
                with self._lock:
                    self._down.setdefault(repository.registry, untold)
            return untold

    def base(self, place: Reference, locked: LockedBase | None) -> Answer:
        """What a place says of a base; one HEAD is enough for an index that is locked, and so known."""

        def question() -> Answer:
            now = self.registry.resolve(place)
            if now is None:
                return Absent()
            if locked and now.digest == locked.index:
                return Found(now.digest, locked.platforms)
            children = self.registry.platforms(place.repository.at(now.digest))
            return Found(now.digest, {platform: child.digest for platform, child in children.items()})

        return self.ask(place.repository, question)

    def lacks(self, reference: Reference) -> bool:
        """Whether the registry says that it does not have this."""
        found = self.ask(reference.repository, lambda: self.registry.resolve(reference))
        return found is None


def look(asker: Asker, base: Base, locked: LockedBase | None) -> BaseAnswers:
    """What every place of a base says now, and which locked digests are in none of them any more."""
    places = {place.repository: asker.base(place, locked) for place in base.places}
    return BaseAnswers(places, _lost(asker, places, locked))


def look_until_locked(asker: Asker, base: Base, locked: LockedBase) -> BaseAnswers:
    """As `look`, without the places behind the first one that still has what is locked."""
    places: dict[Repository, Answer] = {}
    for place in base.places:
        answer = places[place.repository] = asker.base(place, locked)
        if _has(answer, locked):
            break
    return BaseAnswers(places, _lost(asker, places, locked))


def _lost(
    asker: Asker, places: Mapping[Repository, Answer], locked: LockedBase | None
) -> frozenset[Platform]:
    if locked is None or any(_has(answer, locked) for answer in places.values()):
        return frozenset()
    keepers = {*places, Repository.parse(locked.place)}
    return frozenset(
        platform
        for platform, digest in locked.platforms.items()
        if all(asker.lacks(keeper.at(digest)) for keeper in keepers)
    )


def _has(answer: Answer, locked: LockedBase) -> bool:
    return isinstance(answer, Found) and answer.index == locked.index

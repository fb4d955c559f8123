"""Asks registries what the rules want to know of a matrix: each thing once, and many at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from builder.bake import staging
from builder.bake.definition import Build
from builder.matrix.expansion.bases import Base
from builder.matrix.lock import Lock
from builder.matrix.schema import Matrix
from builder.matrix.survey import Absent, BaseAnswers, Survey, Untold
from builder.model.errors import ExitCode
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.pipeline.existing.bases import Asker, look, look_until_locked
from builder.pipeline.existing.candidates import destinations
from builder.pipeline.existing.released import taken
from builder.pipeline.inputs.prepare import Work
from builder.pipeline.staging.contents import contents
from builder.pipeline.staging.weight import sizes
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently


def survey(
    registry: Registry, matrix: Matrix, bases: Iterable[Base], lock: Lock | None, work: Work | None
) -> Survey:
    """Everything that registries say of these bases, and of the repositories that the matrix writes to.

    `work` is the whole family; None where the matrix is not sound, so that nobody can say what its release
    tags would be.
    """
    asker = Asker(registry)
    released = destinations(matrix)
    seen = _pushes(asker, (Repository.parse(matrix.staging), *released))
    seen = replace(seen, bases=_bases(asker, bases, lock))
    seen = _with_lists(asker, seen, released)
    if work is None:
        return seen
    return _with_contents(asker, _with_sizes(asker, _with_taken(asker, seen, work), work), work)


def survey_builds(registry: Registry, work: Work, bases: Mapping[str, Base], *, release: bool) -> Survey:
    """What has to hold before these bases are built on: no more requests than that takes.

    Of the places of a base only the first that still has what is locked is asked, and of the release
    repositories nothing unless a `release` is to follow.
    """
    asker = Asker(registry)
    matrix, locked = work.project.matrix, work.lock.bases
    released = destinations(matrix) if release else ()
    seen = _pushes(asker, (Repository.parse(matrix.staging), *released))
    found = map_concurrently(lambda it: look_until_locked(asker, it[1], locked[it[0]]), bases.items())
    seen = _with_lists(asker, replace(seen, bases=dict(zip(bases, found, strict=True))), released)
    return _with_taken(asker, seen, work) if release else seen


def _bases(asker: Asker, bases: Iterable[Base], lock: Lock | None) -> Mapping[str, BaseAnswers]:
    named = {str(base.name): base for base in bases}
    known = lock.bases if lock else {}
    found = map_concurrently(lambda it: look(asker, it[1], known.get(it[0])), named.items())
    return dict(zip(named, found, strict=True))


def _pushes(asker: Asker, repositories: Iterable[Repository]) -> Survey:
    """Which of the repositories would not take a push, and which could not be asked."""
    wanted = tuple(dict.fromkeys(repositories))
    answers = map_concurrently(lambda it: asker.ask(it, partial(asker.registry.check_push, it)), wanted)
    troubles = {it: answer for it, answer in zip(wanted, answers, strict=True) if answer}
    untold = {it: answer for it, answer in troubles.items() if answer.code is ExitCode.UNAVAILABLE}
    return Survey(untold=untold, refused={it: no for it, no in troubles.items() if it not in untold})


def _with_lists(asker: Asker, seen: Survey, released: Iterable[Repository]) -> Survey:
    """The tags of the release repositories, and of the places that lack a base, for what is near it."""
    lacking = {
        place
        for answers in seen.bases.values()
        for place, answer in answers.places.items()
        if isinstance(answer, Absent) and not answers.found
    }
    places = sorted({*released, *lacking})
    lists = map_concurrently(lambda it: asker.ask(it, partial(asker.registry.tags, it)), places)
    answers = dict(zip(places, lists, strict=True))
    told = {it: frozenset(listed) for it, listed in answers.items() if not isinstance(listed, Untold)}
    untold = {it: answer for it, answer in answers.items() if isinstance(answer, Untold) and it in released}
    return replace(seen, tags=told, untold={**untold, **seen.untold})


def _with_sizes(asker: Asker, seen: Survey, work: Work) -> Survey:
    """What staged images weigh that have a budget; nothing is asked where none has."""
    limited = [build for build in work.builds if build.budget is not None]
    return _of_staged(asker, seen, limited, "sizes", sizes)


def _with_contents(asker: Asker, seen: Survey, work: Work) -> Survey:
    """The packages of staged images; nothing is asked where none are listed."""
    told = [build for build in work.builds if build.attestations.lists]
    return _of_staged(asker, seen, told, "contents", contents)


def _of_staged(
    asker: Asker,
    seen: Survey,
    builds: Sequence[Build],
    field: str,
    read: Callable[[Registry, Repository, Sequence[Build]], Mapping[tuple[str, Platform], Any]],
) -> Survey:
    """The survey with a field that is read of these builds' images; without builds nothing is asked."""
    if not builds:
        return seen
    place = builds[0].staging
    answer = asker.ask(place, lambda: read(asker.registry, place, builds))
    if isinstance(answer, Untold):
        return replace(seen, untold={**seen.untold, place: answer})
    told: dict[str, Any] = {field: answer}
    return replace(seen, **told)


def _with_taken(asker: Asker, seen: Survey, work: Work) -> Survey:
    """The release tags that are taken; nothing more is asked where all of them are free."""
    wanted = {tag for target in work.selected for tag in target.tags}
    claimed = [place for place in destinations(work.project.matrix) if wanted & seen.tags.get(place, set())]
    if not claimed:
        return seen
    registry, place = asker.registry, Repository.parse(work.project.matrix.staging)
    staged = asker.ask(place, lambda: staging.read(registry.tags(place)))
    if isinstance(staged, Untold):
        return replace(seen, untold={**seen.untold, place: staged})
    answers = [(it, asker.ask(it, partial(taken, registry, it, work, staged))) for it in claimed]
    return replace(
        seen,
        taken=tuple(tag for _, answer in answers if not isinstance(answer, Untold) for tag in answer),
        untold={**{it: answer for it, answer in answers if isinstance(answer, Untold)}, **seen.untold},
    )

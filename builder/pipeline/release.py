"""release: gates what is staged and publishes what the gate approves, all of it or nothing.

1. Candidates are whole targets: every platform that the matrix gives them, whatever the selection says.
2. A release that was killed is finished first: its record says where every tag belongs.
3. Targets whose tags are all in place already are unchanged; the others go through the gate.
4. One refused target means that nothing is released; withheld ones (`release.gate` says when) block nobody.
5. An immutable tag that points to other platform manifests refuses the release before anything is written.
6. Everything approved is copied by digest into every release repository, and compared; then each repository
   gets its record, its immutable tags, and last its rolling tags.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from builder.model.errors import ExitCode
from builder.model.reference import Repository
from builder.model.release import (
    Candidate,
    Published,
    Ready,
    Refused,
    ReleaseOutcome,
    Unchanged,
    Withheld,
)
from builder.pipeline.builds import builds
from builder.pipeline.candidates import candidates
from builder.pipeline.plan import plan
from builder.pipeline.prepare import Work
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release import shelf as shelves
from builder.release.compose import compose
from builder.release.evidence import gather
from builder.release.gate import Approved, Terms, judge
from builder.release.index import assemble
from builder.release.ledger import SETTLE, claim
from builder.release.promote import Image, copy
from builder.release.shelf import Shelf, look
from builder.release.tagging import tags_exist, write


@dataclass(frozen=True, slots=True)
class Order:
    """What to release, where, and by which terms. `settle` is in seconds: see `release.ledger`."""

    candidates: tuple[Candidate, ...]
    destinations: tuple[Repository, ...]
    epoch: date
    terms: Terms
    settle: float = SETTLE


@dataclass(frozen=True, slots=True)
class Report:
    """How each target ended, in the order of their names; `records` are those that this run wrote."""

    outcomes: tuple[ReleaseOutcome, ...]
    records: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()

    @property
    def code(self) -> ExitCode:
        """40 when a target was refused, else 0: what is only withheld is no failure."""
        refused = any(isinstance(outcome, Refused) for outcome in self.outcomes)
        return ExitCode.REFUSED if refused else ExitCode.DONE


def order(registry: Registry, work: Work, now: datetime) -> Order:
    """What a selection of the matrix comes to, by one look at staging. `now` is UTC."""
    matrix = work.project.matrix
    names = {target.name for target in work.selected}
    whole = tuple(target for target in work.family if target.name in names)
    steps = plan(registry, builds(matrix, work.lock, whole), work.terms, explain=False)
    return Order(
        candidates=candidates(whole, work.selected, steps, matrix),
        destinations=(Repository.parse(matrix.release),),
        epoch=work.lock.epoch,
        terms=Terms(work.terms.probe, work.terms.policy, work.terms.max_age, now),
    )


def release(registry: Registry, wanted: Order, *, dry_run: bool = False) -> Report:
    """Carry out an order.

    Raises:
        BuilderError: (25) when a release tag is taken or another release is first; (20 to 24) when a registry
            fails. Running again finishes what was begun.
    """
    tags = [tag for candidate in wanted.candidates for tag in (*candidate.tags, *candidate.rolling)]
    finished = () if dry_run else _finish(registry, wanted.destinations)
    found = tuple(look(registry, repository, tags) for repository in wanted.destinations)
    settled = [_unchanged(found, candidate) for candidate in wanted.candidates]
    pending = [c for c, outcome in zip(wanted.candidates, settled, strict=True) if outcome is None]
    verdicts = _judge(registry, pending, wanted.terms)
    images = _images(found, verdicts)
    if taken := [line for shelf in found for line in shelves.taken(shelf, images)]:
        raise tags_exist(taken)
    stopped = {image.name: against for image in images if (against := _against(found, image, wanted.epoch))}
    images = [image for image in images if image.name not in stopped]
    refused = [*stopped.values(), *verdicts]
    held = dry_run or any(isinstance(verdict, Refused) for verdict in refused)
    records = () if held or not images else _publish(registry, wanted, found, images)
    kind = Ready if held else Published
    outcomes: list[ReleaseOutcome] = [outcome for outcome in settled if outcome]
    outcomes += [verdict for verdict in refused if isinstance(verdict, Refused | Withheld)]
    outcomes += [kind(i.name, i.index.digest, _tags(i)) for i in images]
    return Report(tuple(sorted(outcomes, key=lambda outcome: outcome.target)), records, finished)


def _finish(registry: Registry, destinations: Sequence[Repository]) -> tuple[str, ...]:
    """Finish releases that were killed between their record and their last tag, and name their records."""
    finished = []
    for repository in destinations:
        record = look(registry, repository, ()).record
        if record and write(registry, repository, record):
            finished.append(f"{repository}:{record.name}")
    return tuple(finished)


def _unchanged(found: Sequence[Shelf], candidate: Candidate) -> Unchanged | None:
    entries = [shelves.unchanged(shelf, candidate) for shelf in found]
    if None in entries or entries[0] is None:
        return None
    return Unchanged(candidate.name, entries[0].index.digest, (*candidate.tags, *candidate.rolling))


def _judge(
    registry: Registry, pending: Sequence[Candidate], terms: Terms
) -> tuple[Approved | Withheld | Refused, ...]:
    parts = {part.staged: part for candidate in pending for part in candidate.parts if part.staged}
    seen = map_concurrently(lambda it: gather(registry, it[1].staging, it[0]), parts.items())
    evidence = dict(zip(parts, seen, strict=True))
    return tuple(
        judge(
            candidate,
            {
                part.platform: found
                for part in candidate.parts
                if part.staged and (found := evidence[part.staged])
            },
            terms,
        )
        for candidate in pending
    )


def _images(found: Sequence[Shelf], verdicts: Sequence[Approved | Withheld | Refused]) -> list[Image]:
    images = []
    for verdict in verdicts:
        if isinstance(verdict, Approved):
            image = Image(verdict, assemble(verdict))
            for shelf in found:
                image = shelves.adopt(shelf, image)
            images.append(image)
    return images


def _against(found: Sequence[Shelf], image: Image, epoch: date) -> Refused | Withheld | None:
    return next((against for shelf in found if (against := shelves.against(shelf, image, epoch))), None)


def _publish(
    registry: Registry, wanted: Order, found: Sequence[Shelf], images: Sequence[Image]
) -> tuple[str, ...]:
    for shelf in found:
        copy(registry, images, shelf.repository)
    records = []
    for shelf in found:
        record = compose(shelf, images, wanted.epoch)
        claim(registry, shelf.repository, record, wanted.settle)
        write(registry, shelf.repository, record)
        records.append(f"{shelf.repository}:{record.name}")
    return tuple(records)


def _tags(image: Image) -> tuple[str, ...]:
    return (*image.approved.candidate.tags, *image.approved.candidate.rolling)

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
from datetime import date

from builder.model.errors import ExitCode
from builder.model.platform import Platform
from builder.model.release import (
    Candidate,
    Published,
    Ready,
    Refused,
    ReleaseOutcome,
    Unchanged,
    Withheld,
)
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.evidence import Reader
from builder.release.gate import Approved, Evidence, Terms, judge
from builder.release.index import assemble
from builder.release.latest import refuse_latest
from builder.release.order import Order
from builder.release.promote import Image
from builder.release.publish import finish, publish
from builder.release.records import shelf as shelves
from builder.release.records.record import Entry, digest_of
from builder.release.records.shelf import Shelf, look
from builder.release.signing.seal import is_sealed
from builder.release.tagging import tags_exist


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


def release(registry: Registry, wanted: Order, *, dry_run: bool = False) -> Report:
    """Carry out an order.

    Raises:
        BuilderError: (25) when a release tag is taken or another release is first; (20 to 24) when a registry
            fails. Running again finishes what was begun.
    """
    tags = {tag for candidate in wanted.candidates for tag in (*candidate.tags, *candidate.rolling)}
    refuse_latest(tags)
    found = tuple(look(registry, repository, tags) for repository in wanted.destinations)
    finished: tuple[str, ...] = ()
    if not dry_run and any(shelf.astray for shelf in found):
        finished = finish(registry, found, wanted.candidates)
        found = tuple(look(registry, repository, tags) for repository in wanted.destinations)
    settled = _settled(registry, found, wanted)
    known = {outcome.target for outcome in settled}
    pending = [candidate for candidate in wanted.candidates if candidate.name not in known]
    verdicts = _judge(Reader(registry, wanted.verifier), pending, wanted.terms)
    images, stopped = _images(registry, found, verdicts, wanted.epoch)
    against = [*stopped, *(verdict for verdict in verdicts if not isinstance(verdict, Approved))]
    held = dry_run or any(isinstance(verdict, Refused) for verdict in against)
    records = () if held or not images else publish(registry, found, images, wanted)
    ready = [(Ready if held else Published)(i.name, i.index.digest, i.tags) for i in images]
    outcomes = sorted((*settled, *against, *ready), key=lambda outcome: outcome.target)
    return Report(tuple(outcomes), records, finished)


def _settled(registry: Registry, found: Sequence[Shelf], wanted: Order) -> tuple[Unchanged, ...]:
    """The targets that need nothing: published as they are, and signed where that is asked for."""
    same = [(candidate, entry) for candidate in wanted.candidates if (entry := _same(found, candidate))]
    outcomes = {c.name: Unchanged(c.name, e.index.digest, (*e.tags, *e.rolling)) for c, e in same}
    if wanted.signer is None or not same:
        return tuple(outcomes.values())
    named = {candidate.name: {entry.index.digest, *entry.platforms.values()} for candidate, entry in same}
    places = {
        (shelf.repository, digest) for shelf in found for digests in named.values() for digest in digests
    }
    asked = tuple(places | {(s.repository, digest_of(s.record)) for s in found if s.record})
    signed = dict(zip(asked, map_concurrently(lambda it: is_sealed(registry, *it), asked), strict=True))
    if not all(signed[shelf.repository, digest_of(shelf.record)] for shelf in found if shelf.record):
        return ()
    return tuple(
        outcomes[name]
        for name, digests in named.items()
        if all(signed[shelf.repository, digest] for shelf in found for digest in digests)
    )


def _same(found: Sequence[Shelf], candidate: Candidate) -> Entry | None:
    """The entry that every repository has of a candidate that needs nothing."""
    entries = {shelves.unchanged(shelf, candidate) for shelf in found}
    return entries.pop() if len(entries) == 1 else None


def _judge(
    reader: Reader, pending: Sequence[Candidate], terms: Terms
) -> tuple[Approved | Withheld | Refused, ...]:
    parts = {part.staged: part for candidate in pending for part in candidate.parts if part.staged}
    seen = map_concurrently(lambda it: reader.gather(it[1].staging, it[0]), parts.items())
    evidence = dict(zip(parts, seen, strict=True))

    def of(candidate: Candidate) -> dict[Platform, Evidence]:
        found = {part.platform: evidence[part.staged] for part in candidate.parts if part.staged}
        return {platform: seen for platform, seen in found.items() if seen}

    return tuple(judge(candidate, of(candidate), terms) for candidate in pending)


def _images(
    registry: Registry,
    found: Sequence[Shelf],
    verdicts: Sequence[Approved | Withheld | Refused],
    epoch: date,
) -> tuple[list[Image], list[Withheld | Refused]]:
    """The approved images, less those whose rolling tags may not move, with the reasons.

    Raises:
        BuilderError: (25) when an immutable tag of one points to something else.
    """
    images = [Image(verdict, assemble(verdict)) for verdict in verdicts if isinstance(verdict, Approved)]
    for shelf in found:
        images = [shelves.adopt(registry, shelf, image) for image in images]
    if taken := [line for shelf in found for line in shelves.taken(shelf, images)]:
        raise tags_exist(taken)
    stopped = {i.name: no for i in images for s in found if (no := shelves.against(s, i, epoch))}
    return [image for image in images if image.name not in stopped], list(stopped.values())

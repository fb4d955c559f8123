"""Publishes approved images, and finishes what a killed release left half done."""

from collections.abc import Sequence
from dataclasses import replace

from builder.model.release import Candidate
from builder.registry.client import Registry
from builder.release.order import Order
from builder.release.promote import Image, copy
from builder.release.records.compose import compose
from builder.release.records.ledger import claim, require_newest
from builder.release.records.record import Entry, Record
from builder.release.records.shelf import Shelf
from builder.release.signing.seal import seal, seal_record
from builder.release.tagging import write


def finish(
    registry: Registry, found: Sequence[Shelf], successors: Sequence[Candidate] = ()
) -> tuple[str, ...]:
    """Finish releases that were killed between their record and their last tag, and name their records.

    A target of which somebody took an immutable tag meanwhile is left to the successor that has other tags.

    Raises:
        BuilderError: (25) when there is no such successor.
    """
    return tuple(
        f"{shelf.repository}:{shelf.record.name}"
        for shelf in found
        if shelf.record
        and shelf.astray
        and write(registry, shelf.repository, _open(shelf, shelf.record, successors))
    )


def _open(shelf: Shelf, record: Record, successors: Sequence[Candidate]) -> Record:
    """The record without the entries that cannot be finished and are about to be replaced."""
    replaced = {candidate.name: set(candidate.tags) for candidate in successors}

    def lost(entry: Entry) -> bool:
        taken = {t for t in entry.tags if shelf.tags.get(t) not in (None, entry.index.digest)}
        return bool(taken) and entry.target in replaced and not taken & replaced[entry.target]

    return replace(record, entries=tuple(entry for entry in record.entries if not lost(entry)))


def publish(
    registry: Registry, found: Sequence[Shelf], images: Sequence[Image], order: Order
) -> tuple[str, ...]:
    """Copy and sign everything everywhere; only then record and tag it, one repository after the other."""
    for shelf in found:
        copy(registry, images, shelf.repository)
        if order.signer:
            seal(registry, images, shelf.repository, order.signer)
    written = []
    for shelf, record in zip(found, compose(found, images, order), strict=True):
        current = record or shelf.record
        if order.signer and current:
            seal_record(registry, current, shelf.repository, order.signer)
        if record:
            claim(registry, shelf.repository, record, shelf.listed)
            write(registry, shelf.repository, record, [image.index for image in images])
            require_newest(registry, shelf.repository, record)
            written.append(f"{shelf.repository}:{record.name}")
    return tuple(written)

"""Publishes approved images, and finishes what a killed release left half done."""

from collections.abc import Sequence
from datetime import date

from builder.registry.client import Registry
from builder.release.compose import compose
from builder.release.ledger import claim
from builder.release.promote import Image, copy
from builder.release.shelf import Shelf
from builder.release.tagging import write


def finish(registry: Registry, found: Sequence[Shelf]) -> tuple[str, ...]:
    """Finish releases that were killed between their record and their last tag, and name their records."""
    return tuple(
        f"{shelf.repository}:{shelf.record.name}"
        for shelf in found
        if shelf.record and shelf.astray and write(registry, shelf.repository, shelf.record)
    )


def publish(
    registry: Registry, found: Sequence[Shelf], images: Sequence[Image], epoch: date, settle: float
) -> tuple[str, ...]:
    """Copy everything everywhere, and only then record and tag it, one repository after the other."""
    for shelf in found:
        copy(registry, images, shelf.repository)
    written = []
    for shelf, record in zip(found, compose(found, images, epoch), strict=True):
        if record:
            claim(registry, shelf.repository, record, settle)
            write(registry, shelf.repository, record)
            written.append(f"{shelf.repository}:{record.name}")
    return tuple(written)

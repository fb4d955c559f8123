"""Composes the record of a release: what it publishes, on top of what was published before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from builder.release.promote import Image
from builder.release.record import Entry, Record
from builder.release.shelf import Shelf


def compose(shelf: Shelf, images: Sequence[Image], epoch: date) -> Record:
    """The record that follows the newest one when these images are published."""
    before = shelf.record
    entries = _merged(before.entries if before else (), [_entry(image, epoch) for image in images])
    record = Record(
        number=before.number + 1 if before else 1,
        epoch=max(epoch, before.epoch) if before else epoch,
        entries=entries,
        former={},
        withdrawn=before.withdrawn if before else frozenset(),
    )
    return with_former(record, shelf)


def with_former(record: Record, shelf: Shelf) -> Record:
    """The record, with what each tag that it creates or moves points to now."""
    told = {**record.immutable, **record.rolling}
    moved = {t: shelf.tags.get(t) for t, index in told.items() if shelf.tags.get(t) != index.digest}
    return replace(record, former=dict(sorted(moved.items())))


def _entry(image: Image, epoch: date) -> Entry:
    candidate = image.approved.candidate
    return Entry(
        target=candidate.name,
        epoch=epoch,
        index=image.index.descriptor,
        platforms={tested.part.platform: tested.manifest.digest for tested in image.approved.parts},
        tags=candidate.tags,
        rolling=candidate.rolling,
    )


def _merged(old: Iterable[Entry], new: Sequence[Entry]) -> tuple[Entry, ...]:
    """New entries replace those of their targets, and take over their rolling tags from any other."""
    targets = {entry.target for entry in new}
    taken = {tag for entry in new for tag in entry.rolling}
    kept = (
        replace(entry, rolling=tuple(tag for tag in entry.rolling if tag not in taken))
        for entry in old
        if entry.target not in targets
    )
    return tuple(sorted((*kept, *new), key=lambda entry: entry.target))

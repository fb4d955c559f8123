"""Composes records: of a release, on top of what was published before, and of a rollback."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from builder.release.order import Order
from builder.release.promote import Image
from builder.release.records.record import Entry, Record
from builder.release.records.shelf import Shelf


def compose(shelves: Sequence[Shelf], images: Sequence[Image], order: Order) -> tuple[Record | None, ...]:
    """The record of each repository when these images are published; None where nothing changes.

    Repositories that come to the same entries get the same record number, also when one of them was late.
    """
    records = tuple(shelf.record for shelf in shelves)
    new = [_entry(image, order.epoch) for image in images]
    entries = [_merged(record.entries if record else (), new) for record in records]
    last = max((record.number for record in records if record), default=0)
    level = any(r.number == last and r.entries == e for r, e in zip(records, entries, strict=True) if r)
    number = last if level else last + 1
    return tuple(
        None if record and record.entries == after else _following(record, number, order, after, shelf)
        for shelf, record, after in zip(shelves, records, entries, strict=True)
    )


def roll_back(shelf: Shelf, to: Record, number: int) -> Record | None:
    """The record that puts rolling tags back to where `to` had them; None when they are there."""
    now = shelf.record
    if now is None:
        return None
    entries = _merged(now.entries, to.entries)
    record = replace(now, number=number, entries=entries, rollback=to.name)
    lost = {i.digest for tag, i in now.rolling.items() if record.rolling[tag].digest != i.digest}
    withdrawn = (now.withdrawn | lost) - {index.digest for index in to.rolling.values()}
    if (entries, withdrawn) == (now.entries, now.withdrawn):
        return None
    return _with_former(replace(record, withdrawn=withdrawn), shelf)


def _following(
    before: Record | None, number: int, order: Order, entries: tuple[Entry, ...], shelf: Shelf
) -> Record:
    record = Record(
        number=number,
        epoch=max(order.epoch, before.epoch) if before else order.epoch,
        entries=entries,
        former={},
        bases=dict(order.bases),
        withdrawn=before.withdrawn if before else frozenset(),
    )
    return _with_former(record, shelf)


def _with_former(record: Record, shelf: Shelf) -> Record:
    """The record, with what each tag that it creates or moves points to now."""
    moved = {tag: shelf.tags.get(tag) for tag, index in record.pointers.items()}
    former = {tag: now for tag, now in sorted(moved.items()) if now != record.pointers[tag].digest}
    return replace(record, former=former)


def _entry(image: Image, epoch: date) -> Entry:
    candidate = image.approved.candidate
    return Entry(
        target=candidate.name,
        epoch=epoch,
        index=image.index.descriptor,
        platforms={part.part.platform: part.manifest.digest for part in image.approved.parts},
        required={part.part.platform: part.part.require for part in image.approved.parts},
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

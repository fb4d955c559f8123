"""A release repository as it is now, and what follows for those who want to release there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from builder.bake.labels import OURS
from builder.model.digest import Digest
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.model.release import Candidate, Refused, Withheld
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.manifest import Manifest
from builder.release.promote import Image
from builder.release.records import ledger
from builder.release.records.record import Entry, Record

EPOCH = f"{OURS}epoch"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a release repository holds: its tags, its newest record, and where the tags that matter point.

    `tags` lacks those that do not exist. `indexes` has the manifests of tags that do not point to where the
    newest record says.
    """

    repository: Repository
    listed: frozenset[str]
    record: Record | None
    tags: Mapping[str, Digest] = field(hash=False)
    indexes: Mapping[str, Manifest] = field(hash=False)

    @property
    def astray(self) -> tuple[str, ...]:
        """The tags that are not where the newest record says, as a release that was killed leaves them."""
        told = self.record.pointers if self.record else {}
        return tuple(tag for tag, index in told.items() if self.tags.get(tag) != index.digest)

    def platforms(self, tag: str) -> Mapping[Platform, Digest]:
        """The manifests behind a tag that exists; none where it is no index of images."""
        if manifest := self.indexes.get(tag):
            try:
                return {platform: child.digest for platform, child in manifest.platforms().items()}
            except ValueError:
                return {}
        entries = self.record.entries if self.record else ()
        return next((dict(entry.platforms) for entry in entries if tag in (*entry.tags, *entry.rolling)), {})


def look(registry: Registry, repository: Repository, wanted: Iterable[str]) -> Shelf:
    """One list of tags, the newest record, and where each tag of both that exists points."""
    listed = registry.tags(repository)
    record = ledger.read(registry, repository, listed)
    told = record.pointers if record else {}
    names = sorted({*wanted, *told} & set(listed))
    found = map_concurrently(lambda tag: registry.resolve(repository.tag(tag)), names)
    tags = {tag: descriptor.digest for tag, descriptor in zip(names, found, strict=True) if descriptor}
    strange = [tag for tag, digest in tags.items() if tag not in told or told[tag].digest != digest]
    read = map_concurrently(lambda tag: registry.find_manifest(repository.at(tags[tag])), strange)
    indexes = {tag: manifest for tag, manifest in zip(strange, read, strict=True) if manifest}
    return Shelf(repository, frozenset(listed), record, tags, indexes)


def unchanged(shelf: Shelf, candidate: Candidate) -> Entry | None:
    """The published entry that a candidate would come to again, if every one of its tags is in place."""
    entry = shelf.record.entry(candidate.name) if shelf.record else None
    staged = {part.platform: part.staged for part in candidate.parts}
    if (
        entry is None
        or candidate.dropped
        or (entry.tags, entry.rolling) != (candidate.tags, candidate.rolling)
        or dict(entry.platforms) != staged
        or any(shelf.tags.get(tag) != entry.index.digest for tag in (*entry.tags, *entry.rolling))
    ):
        return None
    return entry


def adopt(registry: Registry, shelf: Shelf, image: Image) -> Image:
    """The image under the index that its immutable tags have already, where that lists the same manifests.

    Annotations of an index are told from tables that grow; the bits are what must not change.
    """
    digests = {shelf.tags.get(tag) for tag in image.approved.candidate.tags} - {None, image.index.digest}
    for digest in filter(None, digests):
        found = registry.manifest(shelf.repository.at(digest))
        if found.is_index and found.children == image.index.children:
            return replace(image, index=found)
    return image


def taken(shelf: Shelf, images: Sequence[Image]) -> tuple[str, ...]:
    """The immutable tags that point elsewhere, with both digests."""
    return tuple(
        f"{shelf.repository}:{tag} is {found}, and this release would make it {image.index.digest}"
        for image in images
        for tag in image.approved.candidate.tags
        if (found := shelf.tags.get(tag)) and found != image.index.digest
    )


def against(shelf: Shelf, image: Image, epoch: date) -> Refused | Withheld | None:
    """Why the rolling tags of an image may not move to it."""
    record = shelf.record
    if record and image.index.digest in record.withdrawn:
        reason = f"{record.name} took it back: release a newer epoch, or roll back to the record that has it"
        return Withheld(image.name, (f"{shelf.repository}: {reason}",))
    reasons = tuple(_backwards(shelf, image, epoch))
    return Refused(image.name, reasons) if reasons else None


def _backwards(shelf: Shelf, image: Image, epoch: date) -> Iterator[str]:
    candidate = image.approved.candidate
    kept = {part.platform for part in candidate.parts} | candidate.excluded
    for tag in candidate.rolling:
        published, platforms = _published(shelf, tag)
        where = f"{shelf.repository}:{tag}"
        if published and published > epoch:
            yield f"{where} is of {published}, newer than {epoch}: rolling tags only move forward"
        for platform in sorted(platforms - kept):
            yield f"{where} has {platform}, and the matrix does not: add it, or exclude it with a reason"


def _published(shelf: Shelf, tag: str) -> tuple[date | None, frozenset[Platform]]:
    """The epoch and the platforms of what a tag points to; no epoch where something else released it."""
    entries = shelf.record.entries if shelf.record else ()
    entry = next((entry for entry in entries if tag in entry.rolling and tag in shelf.tags), None)
    if manifest := shelf.indexes.get(tag):
        platforms = frozenset(child.platform for child in manifest.children if child.platform)
        # Platforms of different epochs leave their index without one.
        epoch = _date(manifest.annotations.get(EPOCH, ""))
        return epoch or (entry.epoch if entry else None), platforms
    return (entry.epoch, frozenset(entry.platforms)) if entry else (None, frozenset())


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

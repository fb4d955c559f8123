"""Which releases have reached their end of life, told to their users as a referrer; none is ever deleted.

The artifact is the one by which Microsoft's registries, and tools that read them, tell the end of an image.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from builder.bake.labels import OURS
from builder.model.cell import CPU
from builder.model.descriptor import EMPTY
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.notes import end_of_life
from builder.release.records.ledger import history
from builder.release.records.record import Entry

ARTIFACT_TYPE = "application/vnd.microsoft.artifact.lifecycle"
END = "vnd.microsoft.artifact.lifecycle.end-of-life.date"


@dataclass(frozen=True, slots=True)
class Ended:
    """A release past its end. `noted` says that its users have been told."""

    repository: Repository
    entry: Entry
    end: date
    noted: bool


def ended(
    registry: Registry, destinations: Sequence[Repository], today: date, *, apply: bool = False
) -> tuple[Ended, ...]:
    """The releases that have ended, in the order of their targets; with `apply` each is told so once."""
    places = [(repository, entry) for repository in destinations for entry in _released(registry, repository)]
    found = tuple(filter(None, map_concurrently(lambda it: _ended(registry, *it, today), places)))
    if not apply:
        return found
    map_concurrently(lambda it: _note(registry, it), [it for it in found if not it.noted])
    return tuple(replace(it, noted=True) for it in found)


def _released(registry: Registry, repository: Repository) -> list[Entry]:
    """Every release that a record names, each once."""
    entries = {
        entry.index.digest: entry for filed in history(registry, repository) for entry in filed.record.entries
    }
    return sorted(entries.values(), key=lambda entry: (entry.target, entry.epoch))


def _ended(registry: Registry, repository: Repository, entry: Entry, today: date) -> Ended | None:
    index = registry.find_manifest(repository.at(entry.index.digest))
    if index is None:
        return None
    cuda = index.annotations.get(f"{OURS}cuda", "")
    end = end_of_life("" if cuda == CPU else cuda, index.annotations.get(f"{OURS}os", ""))
    if end is None or end > today:
        return None
    listed = registry.referrers(repository, index.digest, ARTIFACT_TYPE)
    noted = any(told.annotations.get(END) == end.isoformat() for told in listed)
    return Ended(repository, entry, end, noted)


def _note(registry: Registry, ended: Ended) -> None:
    registry.attach(
        ended.repository, ended.entry.index, ARTIFACT_TYPE, b"{}", EMPTY, {END: ended.end.isoformat()}
    )

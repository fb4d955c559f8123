"""changelog: what changed between two releases, from the registry alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.pipeline.staging.contents import listed
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.records import record as records
from builder.release.records.ledger import find_named
from builder.release.records.record import Entry, Record
from builder.report.changelog import Changelog, PackageChange, TargetChange, compare
from builder.report.family.changes import changes
from builder.report.family.layers import inputs, packages

_NO_LIST = "no list of packages is attached to both: only locked Python packages are compared"
_LOST = "the registry no longer has both images: their packages cannot be compared"


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is known of an image; `listed` is None where no list of its packages is attached."""

    inputs: Mapping[str, object] = field(hash=False)
    locked: Mapping[str, str] = field(hash=False)
    listed: Mapping[str, str] | None = field(hash=False)


def changelog(registry: Registry, repository: Repository, before: str = "", after: str = "") -> Changelog:
    """The changes from one record to another: if not named, to the newest, and from the one before that.

    Raises:
        BuilderError: (22) when there is no such release, or none before it.
    """
    new = find_named(registry, repository, after or _newest(registry, repository, ""))
    old = find_named(registry, repository, before or _newest(registry, repository, new.name))
    digests = _digests(old) ^ _digests(new)
    read = map_concurrently(lambda digest: _contents(registry, repository, digest), digests)
    known = {digest: contents for digest, contents in zip(digests, read, strict=True) if contents}
    told = changes(old.entries, new.entries, lambda digest: known[digest].inputs if digest in known else {})
    found = []
    for change in told:
        entries = old.entry(change.target), new.entry(change.target)
        own = TargetChange(change.target, change.kind, change.why)
        found.append(_with_packages(own, *entries, known) if all(entries) else own)
    return Changelog(str(repository), old.name, new.name, tuple(found))


def _with_packages(
    change: TargetChange, before: Entry | None, after: Entry | None, known: Mapping[Digest, _Contents]
) -> TargetChange:
    """The change with what differs in packages, on any platform that both have."""
    if before is None or after is None:
        return change
    pairs = [
        (known.get(digest), known.get(after.platforms[platform]))
        for platform, digest in before.platforms.items()
        if platform in after.platforms and after.platforms[platform] != digest
    ]
    differences: dict[PackageChange, None] = {}
    notes: dict[str, None] = {}
    for old, new in pairs:
        if old is None or new is None:
            notes[_LOST] = None
        elif old.listed is None or new.listed is None:
            notes[_NO_LIST] = None
            differences |= dict.fromkeys(compare(old.locked, new.locked))
        else:
            differences |= dict.fromkeys(compare(old.listed, new.listed))
    return TargetChange(change.target, change.kind, change.why, tuple(differences), "; ".join(notes))


def _newest(registry: Registry, repository: Repository, than: str) -> str:
    """The newest record's name, or the newest that is older than another.

    Raises:
        BuilderError: (22) when there is none.
    """
    names = [tag for tag in registry.tags(repository) if records.is_record(tag)]
    older = [name for name in names if not than or records.order(name) < records.order(than)]
    found = records.newest(older)
    if found is None:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            f"there is no release before {than}" if than else "there is no release",
            where=str(repository),
            fix="A changelog is of two releases: release again, or name another.",
        )
    return found


def _digests(record: Record) -> set[Digest]:
    return {digest for entry in record.entries for digest in entry.platforms.values()}


def _contents(registry: Registry, repository: Repository, digest: Digest) -> _Contents | None:
    manifest = registry.find_manifest(repository.at(digest))
    if manifest is None:
        return None
    told = manifest.annotations
    return _Contents(inputs(told), packages(told), listed(registry, repository, digest))

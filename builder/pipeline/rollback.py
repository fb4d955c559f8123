"""rollback: puts rolling tags back to where a former release had them.

Immutable tags stay. Indexes that lose a rolling tag are noted as withdrawn: the next release does not bring
them back by itself; a newer epoch does, and so does a rollback to a record that has them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.publish import finish
from builder.release.records.compose import roll_back
from builder.release.records.ledger import claim, find_named, require_newest
from builder.release.records.record import Record
from builder.release.records.shelf import look
from builder.release.signing.seal import seal_record
from builder.release.signing.sign import Signer
from builder.release.tagging import write


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did, or would do, to one repository: each rolling tag with its digest before and after.

    `record` is the name of the record that it wrote, empty where nothing had to move or in a dry run.
    """

    repository: Repository
    record: str
    moved: Mapping[str, tuple[Digest | None, Digest]] = field(hash=False)


def rollback(
    registry: Registry,
    destinations: Sequence[Repository],
    name: str,
    signer: Signer | None = None,
    *,
    dry_run: bool = False,
) -> tuple[RolledBack, ...]:
    """Go back to the record `name` in every repository; it must be there, whole, in all of them.

    Raises:
        BuilderError: (22) when a repository lacks the record or an image of it; nothing is moved then.
    """
    past = [_past(registry, repository, name) for repository in destinations]
    if not dry_run:
        finish(registry, [look(registry, repository, ()) for repository in destinations])
    shelves = [look(registry, place, to.pointers) for place, to in zip(destinations, past, strict=True)]
    number = 1 + max(shelf.record.number for shelf in shelves if shelf.record)
    records = [roll_back(shelf, to, number) for shelf, to in zip(shelves, past, strict=True)]
    for shelf, record in zip(shelves, records, strict=True):
        if record and not dry_run:
            if signer:
                seal_record(registry, record, shelf.repository, signer)
            claim(registry, shelf.repository, record, shelf.listed)
            write(registry, shelf.repository, record)
            require_newest(registry, shelf.repository, record)
    return tuple(
        RolledBack(repository, record.name if record and not dry_run else "", _moved(record))
        for repository, record in zip(destinations, records, strict=True)
    )


def _moved(record: Record | None) -> dict[str, tuple[Digest | None, Digest]]:
    if record is None:
        return {}
    return {tag: (former, record.pointers[tag].digest) for tag, former in record.former.items()}


def _past(registry: Registry, repository: Repository, name: str) -> Record:
    """The record to go back to, after a look at whether everything that it names is still there."""
    record = find_named(registry, repository, name)
    indexes = {index.digest for index in record.rolling.values()}
    gone = [
        digest
        for found in map_concurrently(lambda d: _gone(registry, repository, d), indexes)
        for digest in found
    ]
    if gone:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            f"{name} is no longer whole: {', '.join(map(str, gone))} is gone",
            where=str(repository),
            fix="Go back to another release.",
        )
    return record


def _gone(registry: Registry, repository: Repository, index: Digest) -> Iterable[Digest]:
    """What is missing of an index: itself, or some of its children."""
    manifest = registry.find_manifest(repository.at(index))
    if manifest is None:
        return [index]
    return [c.digest for c in manifest.children if registry.resolve(repository.at(c.digest)) is None]

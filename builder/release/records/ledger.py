"""The records of a release repository: read, and written so that of two releases at once one wins.

Registries have no compare-and-swap. A release claims the next number with its record's tag, waits several
times as long as it took between looking and writing, and goes on only if the newest record is its own and
nobody put up tags meanwhile; when its tags are written it looks once more. Another that is slower still, from
its look to its write, falls into a gap: one of the two says so, and the next run puts it right. No tag ever
points to anything that is not whole.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass

from builder.model.descriptor import EMPTY, MANIFEST
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.errors import RegistryError
from builder.release.records import record as records
from builder.release.records.record import Record

# How long a claim settles: so many times what this run took from its look to its write, and at least so many
# seconds. Waiting in proportion is right for near registries and far ones.
_TIMES, _LEAST = 5, 0.1


@dataclass(frozen=True, slots=True)
class Filed:
    """A record, and the digest of the artifact that it was read from."""

    digest: Digest
    record: Record


def read(registry: Registry, repository: Repository, tags: tuple[str, ...]) -> Record | None:
    """The newest record among a repository's tags."""
    name = records.newest(tags)
    return read_named(registry, repository, name) if name else None


def read_named(registry: Registry, repository: Repository, name: str) -> Record:
    """The record of that name.

    Raises:
        NotFoundError: when the repository has none of that name.
    """
    return _filed(registry, repository, name).record


def find_named(registry: Registry, repository: Repository, name: str) -> Record:
    """As `read_named`, for a name that somebody typed.

    Raises:
        BuilderError: (22) when there is no such release; the newest ten are told.
    """
    known = sorted(filter(records.is_record, registry.tags(repository)), key=records.order)
    if name not in known:
        raise BuilderError(
            ExitCode.NOT_FOUND,
            f"there is no release `{name}`",
            where=str(repository),
            fix=f"Name one of its releases: {', '.join(known[-10:]) or 'none'}.",
        )
    return read_named(registry, repository, name)


def _filed(registry: Registry, repository: Repository, name: str) -> Filed:
    reference = repository.tag(name)
    manifest = registry.manifest(reference)
    fix = "Find out who wrote this tag: its form is kept for release records."
    if manifest.artifact_type != records.ARTIFACT_TYPE or len(manifest.layers) != 1:
        raise RegistryError("it is no release record", where=str(reference), fix=fix)
    try:
        return Filed(manifest.digest, records.parse(registry.blob(repository, manifest.layers[0])))
    except ValueError as error:
        raise RegistryError(str(error), where=str(reference), fix=fix) from error


def history(registry: Registry, repository: Repository) -> tuple[Filed, ...]:
    """All records, newest first."""
    names = sorted(filter(records.is_record, registry.tags(repository)), key=records.order, reverse=True)
    return map_concurrently(lambda name: _filed(registry, repository, name), names)


def claim(registry: Registry, repository: Repository, record: Record, known: Collection[str]) -> None:
    """Write a record as the newest one; `known` are the tags that there were when it was composed.

    Raises:
        BuilderError: (25) when another release was first; nothing was tagged then.
    """
    manifest, payload = records.artifact(record)
    registry.put_blob(repository, payload, records.ARTIFACT_TYPE)
    registry.put_blob(repository, records.EMPTY_CONFIG, EMPTY)
    began = time.monotonic()
    if record.name in _listed(registry, repository, record, known):
        _refuse_other(registry, repository, record, Digest.of(manifest))
    registry.put_manifest(repository, manifest, MANIFEST, tag=record.name)
    time.sleep(max(_LEAST, _TIMES * (time.monotonic() - began)))
    _listed(registry, repository, record, known)
    _refuse_other(registry, repository, record, Digest.of(manifest))


def require_newest(registry: Registry, repository: Repository, record: Record) -> None:
    """Make sure that no other release came while this one wrote tags, which it may have moved back then.

    Raises:
        BuilderError: (25) when one did.
    """
    name = records.newest(registry.tags(repository)) or record.name
    now = registry.resolve(repository.tag(name))
    if now is None or now.digest != records.digest_of(record):
        raise BuilderError(
            ExitCode.TAG_EXISTS,
            f"another release came meanwhile: {name}",
            where=str(repository),
            fix="Run again: it puts every tag where the newest release has it.",
        )


def _listed(
    registry: Registry, repository: Repository, record: Record, known: Collection[str]
) -> tuple[str, ...]:
    """The repository's tags, among which no newer record and nobody else's new tags may be."""
    tags = registry.tags(repository)
    name = records.newest((*tags, record.name))
    if name and name != record.name:
        raise _lost(repository, name)
    new = [tag for tag in tags if tag not in known and not is_accessory(tag)]
    if strange := [tag for tag in new if tag != record.name and tag not in record.pointers]:
        raise _lost(repository, ", ".join(strange))
    return tags


def listed_subject(tag: str) -> Digest | None:
    """The manifest whose referrers a tag lists, where a registry has no API for that; None for other tags."""
    try:
        return Digest.parse(tag.replace("-", ":", 1))
    except ValueError:
        return None


def is_accessory(tag: str) -> bool:
    """Whether a tag lists referrers or holds cosign's older signatures, and is nothing that is released."""
    return tag.startswith("sha256-")


def _refuse_other(registry: Registry, repository: Repository, record: Record, digest: Digest) -> None:
    """Stop where the record of that name is another one. An equal one is of a run that was killed."""
    now = registry.resolve(repository.tag(record.name))
    if now is None or now.digest != digest:
        raise _lost(repository, record.name)


def _lost(repository: Repository, name: str) -> BuilderError:
    return BuilderError(
        ExitCode.TAG_EXISTS,
        f"another release was first: {name}",
        where=str(repository),
        fix="Nothing was tagged. Run again when the other release has ended.",
    )

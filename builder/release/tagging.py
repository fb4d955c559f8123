"""Promotion, last phase: the tags, immutable ones first, so that they are where the record says.

Running it again for the same record does what is left, and nothing where nothing is.
"""

from collections.abc import Iterable, Mapping

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.manifest import Manifest
from builder.release.records.record import Record


def tags_exist(taken: Iterable[str]) -> BuilderError:
    """The error of a release that would change what an immutable tag is."""
    return BuilderError(
        ExitCode.TAG_EXISTS,
        f"released tags do not move: {'; '.join(taken)}",
        fix="Release under a new epoch (`epoch:` in matrix.lock), or delete a tag that should not be there.",
    )


def write(
    registry: Registry, repository: Repository, record: Record, known: Iterable[Manifest] = ()
) -> tuple[str, ...]:
    """Have every tag of a record where the record says, and return those that were written.

    `known` are indexes that need not be fetched.

    Raises:
        BuilderError: (25) when an immutable tag points elsewhere, or when somebody else moves one meanwhile.
    """
    pointers = record.pointers
    astray = _astray(registry, repository, pointers)
    if taken := [
        f"{repository}:{tag} is {digest}, and was released as {pointers[tag].digest}"
        for tag, digest in astray.items()
        if digest and tag in record.immutable
    ]:
        raise tags_exist(taken)
    indexes = _indexes(registry, repository, {pointers[tag] for tag in astray}, known)
    for group in (record.immutable, record.rolling):
        map_concurrently(
            lambda tag: _put(registry, repository, tag, indexes[pointers[tag].digest]),
            [tag for tag in astray if tag in group],
        )
    if moved := _astray(registry, repository, {tag: pointers[tag] for tag in astray}):
        raise BuilderError(
            ExitCode.TAG_EXISTS,
            f"another program moves these tags: {', '.join(moved)}",
            where=str(repository),
            fix="Stop it, and run again: the release goes on where it is.",
        )
    return tuple(astray)


def _astray(
    registry: Registry, repository: Repository, pointers: Mapping[str, Descriptor]
) -> dict[str, Digest | None]:
    """The tags that are not where they should be, with where they are."""
    found = map_concurrently(lambda tag: registry.resolve(repository.tag(tag)), pointers)
    digests = {tag: now.digest if now else None for tag, now in zip(pointers, found, strict=True)}
    return {tag: digest for tag, digest in digests.items() if digest != pointers[tag].digest}


def _indexes(
    registry: Registry, repository: Repository, wanted: Iterable[Descriptor], known: Iterable[Manifest]
) -> dict[Digest, Manifest]:
    indexes = {manifest.digest: manifest for manifest in known}
    missing = [index for index in wanted if index.digest not in indexes]
    read = map_concurrently(lambda index: registry.manifest(repository.at(index.digest), index), missing)
    return {**indexes, **{manifest.digest: manifest for manifest in read}}


def _put(registry: Registry, repository: Repository, tag: str, index: Manifest) -> None:
    registry.put_manifest(repository, index.content, index.media_type, tag=tag)

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
from builder.release.record import Record

_ROUNDS = 3


def tags_exist(taken: Iterable[str]) -> BuilderError:
    """The error of a release that would change what an immutable tag is."""
    return BuilderError(
        ExitCode.TAG_EXISTS,
        f"released tags do not move: {'; '.join(taken)}",
        fix="Release under a new epoch (`epoch:` in matrix.lock), or delete a tag that should not be there.",
    )


def refuse_latest(tags: Iterable[str]) -> None:
    """Stop a release that would say `latest`: no rule of a matrix and no word of a command gets past this.

    Raises:
        BuilderError: (40) when one of the tags is `latest`.
    """
    if "latest" in tags:
        raise BuilderError(
            ExitCode.REFUSED, "`latest` is never released", fix="Name the image by what it is."
        )


def write(registry: Registry, repository: Repository, record: Record) -> tuple[str, ...]:
    """Have every tag of a record where the record says, and return those that were written.

    Raises:
        BuilderError: (25) when an immutable tag points elsewhere, or when somebody else keeps moving one.
    """
    astray = _astray(registry, repository, record.immutable)
    if taken := [
        f"{repository}:{tag} is {digest}, and was released as {record.immutable[tag].digest}"
        for tag, digest in astray.items()
        if digest
    ]:
        raise tags_exist(taken)
    written = _settle(registry, repository, record.immutable, tuple(astray))
    rolling = tuple(_astray(registry, repository, record.rolling))
    return (*written, *_settle(registry, repository, record.rolling, rolling))


def _settle(
    registry: Registry, repository: Repository, pointers: Mapping[str, Descriptor], astray: tuple[str, ...]
) -> tuple[str, ...]:
    """Write the tags that are astray, and look again until none is."""
    written = astray
    for _ in range(_ROUNDS):
        if not astray:
            return written
        map_concurrently(lambda tag: _put(registry, repository, tag, pointers[tag]), astray)
        astray = tuple(_astray(registry, repository, {tag: pointers[tag] for tag in astray}))
    raise BuilderError(
        ExitCode.TAG_EXISTS,
        f"another program keeps moving these tags: {', '.join(astray)}",
        where=str(repository),
        fix="Stop it, and run again: the release goes on where it is.",
    )


def _astray(
    registry: Registry, repository: Repository, pointers: Mapping[str, Descriptor]
) -> dict[str, Digest | None]:
    """The tags that are not where they should be, with where they are."""
    found = map_concurrently(lambda tag: registry.resolve(repository.tag(tag)), pointers)
    digests = {tag: now.digest if now else None for tag, now in zip(pointers, found, strict=True)}
    return {tag: digest for tag, digest in digests.items() if digest != pointers[tag].digest}


def _put(registry: Registry, repository: Repository, tag: str, index: Descriptor) -> None:
    manifest = registry.manifest(repository.at(index.digest), index)
    registry.put_manifest(repository, manifest.content, manifest.media_type, tag=tag)

"""Promotion, first phase: everything that a release needs, brought into its repository by digest.

Nothing of it is visible under a tag. Whatever is there already is left alone, and at the end every manifest
is fetched again and compared, and every blob asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from builder.model.descriptor import Descriptor
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.registry.manifest import Manifest
from builder.release.gate import Approved, ApprovedPart


@dataclass(frozen=True, slots=True)
class Image:
    """An approved candidate with its release index."""

    approved: Approved
    index: Manifest

    @property
    def name(self) -> str:
        """The target's name."""
        return self.approved.candidate.name

    @property
    def tags(self) -> tuple[str, ...]:
        """All its tags."""
        return (*self.approved.candidate.tags, *self.approved.candidate.rolling)


def copy(registry: Registry, images: Sequence[Image], destination: Repository) -> None:
    """Bring the images and their receipts into `destination`, and make sure that they are there.

    Raises:
        BuilderError: (24) when the registry gives back something else than it took.
    """
    parts = {part.manifest.digest: part for image in images for part in image.approved.parts}
    there = map_concurrently(lambda digest: _has(registry, destination, digest), parts)
    missing = [part for part, found in zip(parts.values(), there, strict=True) if not found]
    blobs = {blob.digest: (part.part.staging, blob) for part in missing for blob in _blobs(part.manifest)}
    map_concurrently(lambda it: registry.copy_blob(it[0], destination, it[1]), blobs.values())
    map_concurrently(lambda part: _put(registry, destination, part.manifest), missing)
    _attach(registry, destination, tuple(parts.values()))
    indexes = {image.index.digest: image.index for image in images}
    map_concurrently(lambda index: _put_missing(registry, destination, index), indexes.values())
    whole = [*(part.manifest for part in parts.values()), *indexes.values()]
    map_concurrently(lambda manifest: _compare(registry, destination, manifest), whole)
    map_concurrently(lambda it: _require(registry, destination, it[1]), blobs.values())


def _blobs(manifest: Manifest) -> tuple[Descriptor, ...]:
    return (*((manifest.config,) if manifest.config else ()), *manifest.layers)


def _has(registry: Registry, destination: Repository, digest: Digest) -> bool:
    return registry.resolve(destination.at(digest)) is not None


def _put(registry: Registry, destination: Repository, manifest: Manifest) -> None:
    registry.put_manifest(destination, manifest.content, manifest.media_type)


def _put_missing(registry: Registry, destination: Repository, index: Manifest) -> None:
    if not _has(registry, destination, index.digest):
        _put(registry, destination, index)


def _attach(registry: Registry, destination: Repository, parts: Sequence[ApprovedPart]) -> None:
    """Have receipts and attestations refer to their images here too, as the same artifacts."""
    known = map_concurrently(lambda part: _referrers(registry, destination, part.manifest.digest), parts)
    lacking = [
        (part.part.staging, artifact)
        for part, there in zip(parts, known, strict=True)
        for artifact in (*(attested.artifact for attested in part.receipts), *part.attached)
        if artifact.digest not in there
    ]
    blobs = {blob.digest: (source, blob) for source, artifact in lacking for blob in _blobs(artifact)}
    map_concurrently(lambda it: registry.copy_blob(it[0], destination, it[1]), blobs.values())
    registry.refer(destination, [artifact.content for _, artifact in lacking])


def _referrers(registry: Registry, repository: Repository, subject: Digest) -> frozenset[Digest]:
    return frozenset(listed.digest for listed in registry.referrers(repository, subject))


def _compare(registry: Registry, destination: Repository, manifest: Manifest) -> None:
    reference = destination.at(manifest.digest)
    found = registry.find_manifest(reference)
    if found is None or found.content != manifest.content:
        raise _lost(str(reference))


def _require(registry: Registry, destination: Repository, blob: Descriptor) -> None:
    if not registry.has_blob(destination, blob.digest):
        raise _lost(f"{destination}@{blob.digest}")


def _lost(where: str) -> BuilderError:
    return BuilderError(
        ExitCode.DIGEST_MISMATCH,
        "the registry took it and does not have it",
        where=where,
        fix="Nothing was tagged. Run again; if it stays, look at the registry's storage and quotas.",
    )

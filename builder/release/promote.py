"""Promotion, first phase: everything that a release needs, brought into its repository by digest.

Nothing of it is visible under a tag. Everything is asked to be there, which costs no byte where it is; then
every manifest is fetched again and compared, and every blob asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

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
    """Bring the images and what refers to them into `destination`, and make sure that all of it is there.

    Raises:
        BuilderError: (24) when the registry gives back something else than it took.
    """
    parts = {part.manifest.digest: part for image in images for part in image.approved.parts}
    platforms = [(part.part.staging, part.manifest) for part in parts.values()]
    artifacts = [(part.part.staging, found) for part in parts.values() for found in part.artifacts]
    indexes = {image.index.digest: image.index for image in images}
    blobs = {b.digest: (source, b) for source, it in (*platforms, *artifacts) for b in _blobs(it)}
    map_concurrently(lambda it: registry.copy_blob(it[0], destination, it[1]), blobs.values())
    map_concurrently(lambda it: _put(registry, destination, it[1]), platforms)
    registry.refer(destination, [artifact.content for _, artifact in artifacts], settle=False)
    map_concurrently(lambda index: _put(registry, destination, index), indexes.values())
    brought = (*(manifest for _, manifest in (*platforms, *artifacts)), *indexes.values())
    looks: tuple[Callable[[], list[Manifest] | None], ...] = (
        *(partial(_compare, registry, destination, manifest) for manifest in brought),
        *(partial(_require, registry, destination, digest) for digest in blobs),
        *(partial(_unlisted, registry, destination, part) for part in parts.values()),
    )
    lost = map_concurrently(lambda look: look() or (), looks)
    registry.refer(destination, [artifact.content for artifacts in lost for artifact in artifacts])


def _unlisted(registry: Registry, destination: Repository, part: ApprovedPart) -> list[Manifest]:
    """What another writer of the same list of referrers took out of it."""
    listed = {entry.digest for entry in registry.referrers(destination, part.manifest.digest)}
    return [artifact for artifact in part.artifacts if artifact.digest not in listed]


def _blobs(manifest: Manifest) -> tuple[Descriptor, ...]:
    return (*((manifest.config,) if manifest.config else ()), *manifest.layers)


def _put(registry: Registry, destination: Repository, manifest: Manifest) -> None:
    registry.put_manifest(destination, manifest.content, manifest.media_type)


def _compare(registry: Registry, destination: Repository, manifest: Manifest) -> None:
    reference = destination.at(manifest.digest)
    found = registry.find_manifest(reference)
    if found is None or found.content != manifest.content:
        raise _lost(str(reference))


def _require(registry: Registry, destination: Repository, blob: Digest) -> None:
    if not registry.has_blob(destination, blob):
        raise _lost(f"{destination}@{blob}")


def _lost(where: str) -> BuilderError:
    return BuilderError(
        ExitCode.DIGEST_MISMATCH,
        "the registry took it and does not have it",
        where=where,
        fix="Nothing was tagged. Run again; if it stays, look at the registry's storage and quotas.",
    )

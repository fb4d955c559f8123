"""What a release repository still holds of its past: records, their images, and the gaps between.

What was pruned, or cannot be read, leaves a gap and stops nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builder.model.digest import Digest
from builder.model.errors import BuilderError
from builder.model.platform import Platform
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_outcomes
from builder.registry.errors import NotFoundError
from builder.release.evidence import Reader
from builder.release.gate import Evidence
from builder.release.records import record as records
from builder.release.records.ledger import read_named
from builder.release.records.record import Record
from builder.release.signing.bundle import KIND
from builder.release.statements.provenance import build_seconds, is_provenance
from builder.report.family.layers import inputs, layers, packages
from builder.report.family.values import Image


@dataclass(frozen=True, slots=True)
class Past:
    """The records of a repository, oldest first, and what it still holds of the images in them.

    `cut` says that there are older ones, so that nobody knows what the first of these changed.
    """

    records: tuple[Record, ...]
    cut: bool
    images: Mapping[Digest, Image]
    inputs: Mapping[Digest, Mapping[str, Any]]
    labels: Mapping[Digest, Mapping[str, str]]
    gaps: tuple[str, ...]


def read(registry: Registry, repository: Repository, history: int) -> Past:
    """The newest records, so many, and one more to compare with; and what is left of their images.

    Raises:
        BuilderError: (20 to 24) when the registry fails, or its newest record is none.
    """
    listed = sorted(filter(records.is_record, registry.tags(repository)), key=records.order)
    names = listed[-history - 1 :]
    read = map_outcomes(lambda name: read_named(registry, repository, name), names)
    if read and isinstance(read[-1], BuilderError):
        raise read[-1]
    found = tuple(record for record in read if isinstance(record, Record))
    digests = sorted({d for record in found for entry in record.entries for d in entry.platforms.values()})
    reader = Reader(registry)
    seen = map_outcomes(lambda digest: _seen(reader, repository, digest), digests)
    for one in seen:
        if isinstance(one, BuilderError) and not isinstance(one, NotFoundError):
            raise one
    told = {d: one for d, one in zip(digests, seen, strict=True) if isinstance(one, tuple)}
    known = {digest: evidence for digest, (evidence, _) in told.items()}
    platforms = {d: p for r in found for e in r.entries for p, d in e.platforms.items()}
    return Past(
        found,
        len(listed) > history,
        {digest: _image(platforms[digest], digest, *one) for digest, one in told.items()},
        {digest: inputs(evidence.manifest.annotations) for digest, evidence in known.items()},
        {digest: evidence.labels for digest, evidence in known.items()},
        tuple(_gaps(names, read, found, known)),
    )


def _gaps(
    names: Sequence[str],
    read: Sequence[Record | BuilderError],
    records: Iterable[Record],
    known: Mapping[Digest, Evidence],
) -> Iterable[str]:
    for name, record in zip(names, read, strict=True):
        if isinstance(record, BuilderError):
            yield f"{name} cannot be read: {record.what}"
    for found in records:
        lost = [
            digest for entry in found.entries for digest in entry.platforms.values() if digest not in known
        ]
        if lost:
            yield f"{found.name}: the registry no longer has {len(lost)} of its images"


def _seen(reader: Reader, repository: Repository, digest: Digest) -> tuple[Evidence, float | None] | None:
    """What a repository holds of an image, and the seconds that its build took, where that is told."""
    evidence = reader.gather(repository, digest)
    if evidence is None:
        return None
    kinds = ((artifact, artifact.annotations.get(KIND, "")) for artifact in evidence.attached)
    told = [artifact.layers[0] for artifact, kind in kinds if is_provenance(kind) and artifact.layers]
    try:
        seconds = [build_seconds(reader.registry.blob(repository, blob)) for blob in told]
    except NotFoundError:
        seconds = []
    # A build that came to the same image again may have found its steps in a cache.
    return evidence, max((one for one in seconds if one is not None), default=None)


def _image(platform: Platform, digest: Digest, evidence: Evidence, built: float | None) -> Image:
    receipts = sorted((seen.receipt for seen in evidence.receipts), key=lambda r: r.when, reverse=True)
    return Image(
        platform,
        digest,
        layers(evidence.config, evidence.manifest.layers, evidence.labels),
        packages(evidence.manifest.annotations),
        tuple(receipts),
        built,
    )

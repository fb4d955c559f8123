"""Signs what is about to be released: indexes and platforms, receipts and other statements, and the record.

It happens before any tag, so that nobody ever pulls an image by tag that is not signed yet. What is signed
already is left alone.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import partial

from builder.model.descriptor import EMPTY, MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently
from builder.release.gate import ApprovedPart
from builder.release.promote import Image
from builder.release.records import record as records
from builder.release.records.record import Record
from builder.release.signing.bundle import (
    BUNDLE,
    KIND,
    PREDICATE,
    SIGNATURE,
    STATEMENT,
    artifact,
    payload,
    signature,
)
from builder.release.signing.sign import Signer
from builder.smoke import statement

# cosign derives the key from the password anew each time, which keeps a core busy.
_WORKERS = 4


def seal(registry: Registry, images: Sequence[Image], destination: Repository, signer: Signer) -> None:
    """Sign the images, in a repository that has them."""
    artifacts = map_concurrently(partial(_seal, registry, destination, signer), images, _WORKERS)
    registry.refer(destination, [manifest for manifests in artifacts for manifest in manifests])


def seal_record(registry: Registry, record: Record, destination: Repository, signer: Signer) -> None:
    """Sign a record, which is brought into the repository without its tag."""
    manifest, payload = records.artifact(record)
    registry.put_blob(destination, payload, records.ARTIFACT_TYPE)
    registry.put_blob(destination, records.EMPTY_CONFIG, EMPTY)
    subject = registry.put_manifest(destination, manifest, MANIFEST)
    if not is_sealed(registry, destination, subject.digest):
        bundle = signer.sign(signature([subject.digest]))
        registry.refer(destination, attached_bundle(registry, destination, bundle, [subject]))


def is_sealed(registry: Registry, repository: Repository, digest: Digest) -> bool:
    """Whether a signature refers to a manifest; `verify` is what asks whose."""
    return SIGNATURE in _claims(registry, repository, digest)


def _claims(
    registry: Registry, repository: Repository, digest: Digest, brought: Collection[Digest] = ()
) -> frozenset[str]:
    """The kinds of signed statements that refer to a manifest, less those that were brought from staging."""
    listed = registry.referrers(repository, digest)
    return frozenset(entry.annotations.get(PREDICATE, "") for entry in listed if entry.digest not in brought)


def _seal(registry: Registry, destination: Repository, signer: Signer, image: Image) -> list[bytes]:
    """The signatures of an image that are missing, as artifacts whose blobs are in place."""
    parts = image.approved.parts
    whole = [image.index.descriptor, *(part.manifest.descriptor for part in parts)]
    brought = {artifact.digest for part in parts for artifact in part.artifacts}
    claims = {it.digest: _claims(registry, destination, it.digest, brought) for it in whole}
    artifacts: list[bytes] = []
    if unsigned := [subject for subject in whole if SIGNATURE not in claims[subject.digest]]:
        bundle = signer.sign(signature(subject.digest for subject in whole))
        artifacts += attached_bundle(registry, destination, bundle, unsigned)
    for part in parts:
        for kind, told in _statements(registry, destination, part).items():
            if kind not in claims[part.manifest.digest]:
                bundle = signer.sign(told)
                artifacts += attached_bundle(registry, destination, bundle, [part.manifest.descriptor])
    return artifacts


def _statements(registry: Registry, destination: Repository, part: ApprovedPart) -> dict[str, bytes]:
    """The newest receipt that approves a part, and what else is stated of it, such as its packages."""
    return {
        **{
            artifact.annotations[KIND]: registry.blob(destination, artifact.layers[0])
            for artifact in part.attached
            if artifact.artifact_type == STATEMENT and KIND in artifact.annotations
        },
        statement.PREDICATE_TYPE: _newest(registry, destination, part),
    }


def _newest(registry: Registry, destination: Repository, part: ApprovedPart) -> bytes:
    """The statement of the newest receipt that approves a part; one that a tester signed is in a bundle."""
    newest = max(part.receipts, key=lambda attested: attested.receipt.when)
    content = registry.blob(destination, newest.artifact.layers[0])
    return payload(content) if newest.artifact.artifact_type == BUNDLE else content


def attached_bundle(
    registry: Registry, destination: Repository, bundle: bytes, subjects: Iterable[Descriptor]
) -> list[bytes]:
    """The artifacts that attach a bundle to each of its subjects, once its blob is in place."""
    registry.put_blob(destination, bundle, BUNDLE)
    registry.put_blob(destination, records.EMPTY_CONFIG, EMPTY)
    return [artifact(subject, bundle) for subject in subjects]

"""attest: what BuildKit tells of a build, and what its image holds, as artifacts that refer to its manifest.

BuildKit puts its attestations beside the platform's manifest, into an index. Here they become referrers: they
stay with the manifest wherever that is copied, and the digest that was tested remains the one that is staged.
"""

from collections.abc import Iterator

from builder.bake.definition import Build
from builder.bake.recipe import canonical
from builder.engine.packages import PREDICATE_TYPE, packages
from builder.model.descriptor import EMPTY, MANIFEST, Descriptor
from builder.model.reference import Reference
from builder.pipeline.staging.contents import base_digest
from builder.registry.client import Registry
from builder.registry.manifest import Manifest
from builder.release.signing.bundle import KIND, STATEMENT

_EMPTY_CONFIG = b"{}"
_TYPE, _SUBJECT = "vnd.docker.reference.type", "vnd.docker.reference.digest"


def from_buildkit(registry: Registry, build: Build, index: Manifest, image: Manifest) -> None:
    """Attach the attestations that an index has for one of its images; their blobs are in place."""
    statements = list(_statements(registry, build, index, image))
    _attach(registry, build, image, statements)


def with_packages(registry: Registry, build: Build, image: Manifest) -> None:
    """List the packages of a staged image and attach the list; likewise its base's, where that brings CUDA.

    Raises:
        BuilderError: (11) when they cannot be listed.
    """
    if base_digest(build):
        place = build.images["base"]
        base = registry.manifest(place)
        if not has_packages(registry, build, base):
            _list(registry, build, base, place)
    _list(registry, build, image, build.staging.at(image.digest))


def _list(registry: Registry, build: Build, image: Manifest, place: Reference) -> None:
    """What a place holds of an image, told beside the staged images."""
    found = packages(place, build.recipe.cell.platform)
    statement = canonical(
        {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": PREDICATE_TYPE,
            "subject": [
                {"name": str(place), "digest": {image.digest.algorithm: image.digest.hex}},
            ],
            "predicate": found,
        }
    )
    blob = registry.put_blob(build.staging, statement, STATEMENT)
    _attach(registry, build, image, [(PREDICATE_TYPE, blob)])


def has_packages(registry: Registry, build: Build, image: Manifest) -> bool:
    """Whether a list of packages refers to a staged image."""
    listed = registry.referrers(build.staging, image.digest, STATEMENT)
    return any(artifact.annotations.get(KIND) == PREDICATE_TYPE for artifact in listed)


def _statements(
    registry: Registry, build: Build, index: Manifest, image: Manifest
) -> Iterator[tuple[str, Descriptor]]:
    for child in index.children:
        about = child.annotations.get(_TYPE), child.annotations.get(_SUBJECT)
        if about == ("attestation-manifest", str(image.digest)):
            told = registry.manifest(build.staging.at(child.digest))
            yield from ((layer.annotations.get(KIND, ""), layer) for layer in told.layers)


def _attach(
    registry: Registry, build: Build, image: Manifest, statements: list[tuple[str, Descriptor]]
) -> None:
    if not statements:
        return
    config = registry.put_blob(build.staging, _EMPTY_CONFIG, EMPTY)
    subject = Descriptor(image.media_type, image.digest, len(image.content))
    registry.refer(
        build.staging,
        [
            canonical(
                {
                    "schemaVersion": 2,
                    "mediaType": MANIFEST,
                    "artifactType": STATEMENT,
                    "config": config.json(),
                    "layers": [Descriptor(STATEMENT, blob.digest, blob.size).json()],
                    "subject": subject.json(),
                    "annotations": {KIND: kind},
                }
            )
            for kind, blob in statements
        ],
    )

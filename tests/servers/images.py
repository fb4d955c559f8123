"""Tiny images: real manifests with a config and one small layer."""

import json
from collections.abc import Sequence

from builder.model.descriptor import INDEX, MANIFEST, Descriptor
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.registry import Registry

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
AMD64 = Platform.parse("linux/amd64")
ARM64 = Platform.parse("linux/arm64")


def push_image(
    registry: Registry, reference: Reference, *, platform: Platform = AMD64, layer: bytes = b"layer"
) -> Descriptor:
    """Push an image of one platform under the reference's tag, or without a tag under its digest."""
    repository = reference.repository
    config = {
        "architecture": platform.architecture,
        "os": platform.os,
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    blobs = (
        registry.put_blob(repository, canonical(config), CONFIG),
        registry.put_blob(repository, layer, LAYER),
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blobs[0].json(),
        "layers": [blobs[1].json()],
    }
    return registry.put_manifest(repository, canonical(manifest), MANIFEST, tag=reference.tag or None)


def push_index(
    registry: Registry,
    reference: Reference,
    platforms: Sequence[Platform] = (AMD64, ARM64),
    *,
    salt: str = "",
) -> Descriptor:
    """Push an index with an image for each platform; another `salt` gives other digests."""
    children = []
    for platform in platforms:
        layer = f"{reference.repository.path} {platform} {salt}".encode()
        child = push_image(registry, Reference(reference.repository), platform=platform, layer=layer)
        children.append(Descriptor(child.media_type, child.digest, child.size, platform).json())
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": children}
    return registry.put_manifest(reference.repository, canonical(index), INDEX, tag=reference.tag or None)


def canonical(data: object) -> bytes:
    """JSON that is the same whenever the data is."""
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()

"""What a registry holds of images, unpacked."""

import gzip
import io
import subprocess
import tarfile
from collections.abc import Iterator

from builder.model.reference import Reference
from builder.registry import Registry
from tests.servers.registry import RegistryServer


def pushed(server: RegistryServer) -> Iterator[tuple[str, bytes]]:
    """Every blob and manifest of a registry, by its digest."""
    for file in (server.storage / "docker/registry/v2/blobs").rglob("data"):
        yield file.parent.name, unpacked(file.read_bytes())


def own_files(registry: Registry, image: Reference, base: Reference) -> Iterator[tuple[str, int]]:
    """The files in the layers that an image has beyond its base's, with their sizes in bytes."""
    below = {layer.digest for layer in registry.manifest(base).layers}
    for layer in registry.manifest(image).layers:
        if layer.digest not in below:
            content = unpacked(registry.blob(image.repository, layer))
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                files = (entry for entry in archive if entry.isfile())
                yield from ((entry.name.removeprefix("./"), entry.size) for entry in files)


def unpacked(content: bytes) -> bytes:
    """A blob as it was before it was packed."""
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
    return content

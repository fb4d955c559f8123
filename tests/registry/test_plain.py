"""The client against a plain reference registry."""

from pathlib import Path

import pytest

from builder.model.descriptor import MANIFEST, Descriptor
from builder.model.digest import Digest
from builder.registry import (
    Copied,
    DigestMismatchError,
    Mounted,
    NotFoundError,
    Present,
    Registry,
    RegistryError,
)
from tests.servers.images import AMD64, ARM64, LAYER, push_image, push_index
from tests.servers.registry import RegistryServer, registry_server

MISSING = Digest.of(b"nobody pushed this")


def test_resolve_tells_what_a_tag_points_to(server: RegistryServer, registry: Registry) -> None:
    reference = server.repository("team/image").tag("1")
    pushed = push_image(registry, reference)

    assert registry.resolve(reference) == pushed
    assert registry.resolve(reference.repository.at(pushed.digest)) == pushed


@pytest.mark.parametrize("path", ["team/image", "team/nothing-here"])
def test_what_the_registry_does_not_have_is_none_at_once(
    server: RegistryServer, registry: Registry, path: str
) -> None:
    push_image(registry, server.repository("team/image").tag("1"))
    before = registry.requests.total

    assert registry.resolve(server.repository(path).tag("2")) is None
    assert registry.find_manifest(server.repository(path).at(MISSING)) is None
    assert registry.requests.total - before == 2


def test_manifest_of_nothing_raises(server: RegistryServer, registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="does not have it"):
        registry.manifest(server.repository("team/image").tag("1"))


def test_manifests_come_back_byte_for_byte(server: RegistryServer, registry: Registry) -> None:
    reference = server.repository("team/image").tag("1")
    pushed = push_index(registry, reference)
    index = registry.manifest(reference)

    assert index.digest == pushed.digest == Digest.of(index.content)
    assert [child.platform for child in index.children] == [AMD64, ARM64]
    assert list(registry.platforms(reference)) == [AMD64, ARM64]
    for child in index.children:
        image = registry.manifest(reference.repository.at(child.digest), child)
        assert image.config is not None
        assert [layer.media_type for layer in image.layers] == [LAYER]
        assert dict(registry.platforms(reference.repository.at(child.digest))).keys() == {child.platform}


def test_tags_are_all_of_them(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    content = registry.manifest(repository.at(push_image(registry, repository.tag("000")).digest))
    names = [f"{number:03}" for number in range(120)]
    for name in names:
        registry.put_manifest(repository, content.content, content.media_type, tag=name)

    assert registry.tags(repository) == tuple(names)
    assert registry.tags(repository / "nothing-here") == ()


def test_blobs_are_uploaded_once(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    descriptor = registry.put_blob(repository, b"content")
    uploaded = registry.requests.blob_bytes
    registry.put_blob(repository, b"content")

    assert registry.requests.blob_bytes == uploaded == 7
    assert registry.has_blob(repository, descriptor.digest)
    assert not registry.has_blob(repository, MISSING)
    assert registry.blob(repository, descriptor) == b"content"


def test_an_empty_blob_is_a_blob(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    descriptor = registry.put_blob(repository, b"")

    assert registry.blob(repository, descriptor) == b""
    assert list(registry.stream_blob(repository, descriptor)) == []


def test_files_are_streamed_both_ways(server: RegistryServer, registry: Registry, tmp_path: Path) -> None:
    repository = server.repository("team/image")
    content = bytes(range(256)) * 20_000
    (tmp_path / "layer").write_bytes(content)
    descriptor = registry.put_file(repository, tmp_path / "layer", LAYER)

    assert descriptor == Descriptor.of(LAYER, content)
    assert b"".join(registry.stream_blob(repository, descriptor)) == content


def test_a_large_blob_is_not_read_into_memory(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    descriptor = registry.put_blob(repository, b"content")
    with pytest.raises(RegistryError, match="at most 6"):
        registry.blob(repository, descriptor, limit=6)


def test_a_blob_is_mounted_within_a_registry(server: RegistryServer, registry: Registry) -> None:
    source, destination = server.repository("team/staging"), server.repository("team/release")
    descriptor = registry.put_blob(source, b"content" * 1000)
    uploaded = registry.requests.blob_bytes

    assert registry.copy_blob(source, destination, descriptor) == Mounted()
    assert registry.copy_blob(source, source, descriptor) == Present()
    assert registry.requests.blob_bytes == uploaded
    assert registry.blob(destination, descriptor) == b"content" * 1000


def test_a_blob_is_streamed_between_registries(
    server: RegistryServer, registry: Registry, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 20_000
    with registry_server(tmp_path / "other") as other:
        source, destination = server.repository("team/image"), other.repository("team/image")
        descriptor = registry.put_blob(source, content)

        assert registry.copy_blob(source, destination, descriptor) == Copied(len(content))
        assert registry.copy_blob(source, destination, descriptor) == Present()
        assert registry.blob(destination, descriptor) == content


def test_a_mount_of_what_is_not_there_says_so(server: RegistryServer, registry: Registry) -> None:
    gone = Descriptor(LAYER, MISSING, 7)
    with pytest.raises(NotFoundError):
        registry.copy_blob(server.repository("team/staging"), server.repository("team/release"), gone)


def test_a_manifest_with_a_missing_blob_is_refused(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    manifest = registry.manifest(repository.at(push_image(registry, repository.tag("1")).digest))
    with pytest.raises(NotFoundError):
        registry.put_manifest(repository / "elsewhere", manifest.content, manifest.media_type, tag="1")


def test_a_child_is_held_to_what_its_index_says(server: RegistryServer, registry: Registry) -> None:
    repository = server.repository("team/image")
    pushed = push_image(registry, repository.tag("1"))
    lie = Descriptor(MANIFEST, pushed.digest, pushed.size + 1)
    with pytest.raises(DigestMismatchError, match="listed as"):
        registry.manifest(repository.at(pushed.digest), lie)


def test_delete_takes_a_manifest_away_and_may_be_repeated(server: RegistryServer, registry: Registry) -> None:
    reference = server.repository("team/image").tag("1")
    pushed = push_image(registry, reference)
    for _ in range(2):
        registry.delete(reference.repository.at(pushed.digest))
    before = registry.requests.total

    assert registry.resolve(reference) is None
    assert registry.requests.total - before == 1


def test_a_registry_without_deletion_says_so(registry: Registry, tmp_path: Path) -> None:
    with registry_server(tmp_path / "kept", delete=False) as server:
        reference = server.repository("team/image").tag("1")
        pushed = push_image(registry, reference)
        with pytest.raises(RegistryError, match="unsupported"):
            registry.delete(reference.repository.at(pushed.digest))


def test_check_push_leaves_nothing_and_fails_on_a_read_only_registry(
    server: RegistryServer, registry: Registry, tmp_path: Path
) -> None:
    registry.check_push(server.repository("team/image"))

    assert registry.tags(server.repository("team/image")) == ()
    with registry_server(tmp_path / "frozen", read_only=True) as frozen, pytest.raises(RegistryError):
        registry.check_push(frozen.repository("team/image"))

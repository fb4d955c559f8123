"""Manifests and indexes that are none, or are not what their digest and headers say: a typed error."""

import json

import pytest

from builder.model.descriptor import DOCKER_MANIFEST, INDEX, MANIFEST
from builder.registry import DigestMismatchError, RegistryError
from tests.registry.hostile.clients import AMD64, BLOB, CHILD, CONFIG, REPOSITORY, TAG, answering, serving
from tests.registry.recorded import reply

MANIFESTS = {
    "no JSON": (b"<html>", MANIFEST, "not JSON"),
    "no object": (b"[]", MANIFEST, "not a JSON object"),
    "JSON without end": (b"[" * 100_000, MANIFEST, "not JSON"),
    "schema 1": ({"schemaVersion": 1, "fsLayers": []}, "", "schema 1"),
    "neither": ({"schemaVersion": 2}, MANIFEST, "neither a manifest nor an index"),
    "both": ({"manifests": [], "layers": [], "config": CONFIG}, INDEX, "neither a manifest nor an index"),
    "another media type inside": ({"mediaType": INDEX, "config": CONFIG}, MANIFEST, "calls itself"),
    "another media type outside": ({"manifests": []}, MANIFEST, "has the shape of"),
    "a media type of something else": ({"config": CONFIG}, "image/png", "neither a manifest's"),
    "a media type that is no text": ({"mediaType": [1], "config": CONFIG}, "", "is not text"),
    "no config": ({"layers": []}, MANIFEST, "config lacks a descriptor"),
    "layers that are no list": ({"config": CONFIG, "layers": {}}, MANIFEST, "not a list"),
    "a layer that is no descriptor": ({"config": CONFIG, "layers": [7]}, MANIFEST, "lacks a descriptor"),
    "a negative size": ({"config": CONFIG | {"size": -1}}, DOCKER_MANIFEST, "not negative"),
    "a size that is true": ({"config": CONFIG | {"size": True}}, MANIFEST, "not negative"),
    "a digest that is none": ({"config": CONFIG | {"digest": "sha256:12"}}, MANIFEST, "is not a digest"),
    "a digest with a path": ({"config": CONFIG | {"digest": "../../etc"}}, MANIFEST, "is not a digest"),
    "half a platform": ({"manifests": [CHILD | {"platform": {"os": "linux"}}]}, INDEX, "os and architecture"),
    "annotations that are a list": ({"config": CONFIG, "annotations": [1]}, MANIFEST, "not an object"),
}


@pytest.mark.parametrize(("data", "media_type", "message"), MANIFESTS.values(), ids=MANIFESTS.keys())
def test_manifests_that_cannot_be_used(data: object, media_type: str, message: str) -> None:
    with serving(data, media_type) as registry:
        with pytest.raises(RegistryError, match=message) as caught:
            registry.manifest(TAG)
        assert registry.requests.total == 1
    assert caught.value.where == str(TAG)


CHILDREN = {
    "an index in an index": ([CHILD | {"mediaType": INDEX}], "another index"),
    "a child without a platform": ([CHILD], "no platform"),
    "a platform twice": ([CHILD | {"platform": AMD64}] * 2, "twice"),
}


@pytest.mark.parametrize(("children", "message"), CHILDREN.values(), ids=CHILDREN.keys())
def test_indexes_whose_platforms_cannot_be_told(children: object, message: str) -> None:
    with serving({"manifests": children}, INDEX) as registry, pytest.raises(RegistryError, match=message):
        registry.platforms(TAG)


def test_attestations_are_no_platforms() -> None:
    unknown = CHILD | {"platform": {"os": "unknown", "architecture": "unknown"}}
    with serving({"manifests": [CHILD | {"platform": AMD64}, unknown]}, INDEX) as registry:
        assert [str(platform) for platform in registry.platforms(TAG)] == ["linux/amd64"]


def test_content_under_another_digest() -> None:
    with (
        serving({"config": CONFIG}) as registry,
        pytest.raises(DigestMismatchError, match="has not the digest"),
    ):
        registry.manifest(REPOSITORY.at(BLOB.digest))
    with (
        serving({"config": CONFIG}, docker_content_digest=str(BLOB.digest)) as registry,
        pytest.raises(DigestMismatchError, match="has not the digest"),
    ):
        registry.manifest(TAG)


@pytest.mark.parametrize(
    "headers",
    [
        {"docker_content_digest": "sha256:short"},
        {"docker_content_digest": str(BLOB.digest), "etag": f'"sha256:{"0" * 64}"'},
    ],
)
def test_a_head_that_contradicts_itself(headers: dict[str, str]) -> None:
    with serving({"config": CONFIG}, **headers) as registry, pytest.raises(DigestMismatchError):
        registry.resolve(TAG)


def test_a_head_for_another_digest_than_was_asked_for() -> None:
    with (
        serving({"config": CONFIG}, docker_content_digest=f"sha256:{'0' * 64}") as registry,
        pytest.raises(DigestMismatchError),
    ):
        registry.resolve(REPOSITORY.at(BLOB.digest))


def test_a_registry_that_stores_something_else() -> None:
    stored = f"sha256:{'0' * 64}"
    with (
        answering(lambda: reply(201, docker_content_digest=stored)) as registry,
        pytest.raises(DigestMismatchError, match="the registry stored"),
    ):
        registry.put_manifest(REPOSITORY, json.dumps({"config": CONFIG}).encode(), MANIFEST, tag="1")

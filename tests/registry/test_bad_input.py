"""Registries that lie, break the specification or mean harm: a typed error, in bounded time and memory."""

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count

import httpx
import pytest

from builder.model.descriptor import DOCKER_MANIFEST, INDEX, MANIFEST, Descriptor
from builder.model.reference import Reference, Repository
from builder.registry import (
    DigestMismatchError,
    NotFoundError,
    Password,
    Registry,
    RegistryError,
    UnavailableError,
)
from builder.registry.manifest import MANIFEST_LIMIT
from tests.registry.recorded import Endless, Recorded, reply
from tests.servers.fixtures import QUICK

REPOSITORY = Repository.parse("registry.example.com/acme/cuda")
TAG = REPOSITORY.tag("1")
BLOB = Descriptor.of("application/octet-stream", b"content")
CONFIG = Descriptor.of("application/vnd.oci.image.config.v1+json", b"{}").json()
AMD64 = {"os": "linux", "architecture": "amd64"}
CHILD = {"mediaType": MANIFEST, "digest": f"sha256:{'a' * 64}", "size": 7}


def answering(*replies: Callable[[], httpx.Response]) -> Registry:
    """A client whose every request gets the next of these replies."""
    methods = ("GET", "HEAD", "PUT", "POST")
    shared = list(replies)
    return Registry(replace(QUICK, transport=Recorded({f"{method} *": shared for method in methods})))


def serving(data: object, media_type: str = MANIFEST, **headers: str) -> Registry:
    """A client of a registry that has this under every tag."""
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    return answering(lambda: reply(200, content, content_type=media_type, **headers))


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Fail when the block ever holds more memory than this."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes << 20


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


@pytest.mark.parametrize("announced", [True, False])
def test_a_manifest_without_end(announced: bool) -> None:
    body = Endless(b" " * 65536)
    headers = {"content-length": str(200 << 20)} if announced else {}
    with (
        answering(lambda: httpx.Response(200, headers=headers, stream=body)) as registry,
        at_most(16),
        pytest.raises(RegistryError, match="more than 4,194,304 bytes"),
    ):
        registry.manifest(TAG)
    assert body.taken <= (0 if announced else MANIFEST_LIMIT + 65536)


def test_a_gzip_bomb() -> None:
    bomb = gzip.compress(bytes(200 << 20), 1)
    pieces = [bomb[at : at + 65536] for at in range(0, len(bomb), 65536)]

    class Pieces(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from pieces

    replies = lambda: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Pieces())  # noqa: E731
    with answering(replies) as registry, at_most(64), pytest.raises(RegistryError, match="more than"):
        registry.tags(REPOSITORY)


def test_gzip_that_nobody_asked_for_is_read_and_another_coding_is_not() -> None:
    packed = gzip.compress(b'{"tags": ["a"]}')
    with answering(lambda: reply(200, packed, content_encoding="gzip")) as registry:
        assert registry.tags(REPOSITORY) == ("a",)
    with answering(lambda: reply(200, packed[:-9], content_encoding="gzip")) as registry:
        assert registry.tags(REPOSITORY) == ("a",)
    with (
        answering(lambda: reply(200, b"\0" + packed, content_encoding="gzip")) as registry,
        pytest.raises(UnavailableError, match="damaged"),
    ):
        registry.tags(REPOSITORY)
    with (
        answering(lambda: reply(200, packed, content_encoding="br")) as registry,
        pytest.raises(RegistryError, match="'br'"),
    ):
        registry.tags(REPOSITORY)


def test_pages_without_end() -> None:
    numbers = count()

    def page() -> httpx.Response:
        number = next(numbers)
        return reply(
            200, {"tags": [f"t{number}"]}, link=f'</v2/acme/cuda/tags/list?last={number}>; rel="next"'
        )

    with answering(page) as registry, pytest.raises(RegistryError, match="more than 1000 pages"):
        registry.tags(REPOSITORY)


def test_pages_in_a_circle() -> None:
    link = '</v2/acme/cuda/tags/list?n=1000>; rel="next"'
    with answering(lambda: reply(200, {"tags": ["a"]}, link=link)) as registry:
        with pytest.raises(RegistryError, match="circle"):
            registry.tags(REPOSITORY)
        assert registry.requests.total == 2


def test_pages_on_another_host() -> None:
    link = '<https://evil.example.net/v2/acme/cuda/tags/list>; rel="next"'
    with (
        answering(lambda: reply(200, {"tags": ["a"]}, link=link)) as registry,
        pytest.raises(RegistryError, match="another host"),
    ):
        registry.tags(REPOSITORY)


@pytest.mark.parametrize("tags", [{"a": 1}, ["a", 7], ["a b"], ["a" * 129], ["\x1b[31m"]])
def test_lists_of_what_are_no_tags(tags: object) -> None:
    with answering(lambda: reply(200, {"tags": tags})) as registry, pytest.raises(RegistryError) as caught:
        registry.tags(REPOSITORY)
    assert "\x1b" not in str(caught.value)


REDIRECTS = {
    "a circle": ("https://registry.example.com/v2/again", "more than 5 times"),
    "plain http": ("http://registry.example.com/v2/x", "to http, which"),
    "cloud metadata": ("https://169.254.169.254/latest", "169.254.169.254"),
    "cloud metadata, mapped": ("https://[::ffff:169.254.169.254]/latest", "where no public registry is"),
    "this machine": ("https://127.0.0.1:8080/x", "where no public registry is"),
    "a file": ("file:///etc/passwd", "to file, which"),
    "no URL": ("https://\x7f/", "to nowhere"),
}


@pytest.mark.parametrize(("location", "message"), REDIRECTS.values(), ids=REDIRECTS.keys())
def test_redirects_that_are_not_followed(location: str, message: str) -> None:
    with answering(lambda: reply(307, location=location)) as registry:
        with pytest.raises(RegistryError, match=message):
            registry.blob(REPOSITORY, BLOB)
        with pytest.raises(RegistryError):
            registry.put_blob(REPOSITORY, b"content")
        assert registry.requests.total <= 14


def test_a_write_is_not_redirected_into_a_read() -> None:
    replies = (lambda: reply(404), lambda: reply(302, location="/elsewhere"))
    with answering(*replies) as registry, pytest.raises(RegistryError, match="a write as a read"):
        registry.put_blob(REPOSITORY, b"content")


def test_an_upload_is_not_sent_to_this_machine() -> None:
    replies = (lambda: reply(404), lambda: reply(202, location="https://localhost/upload"))
    with answering(*replies) as registry, pytest.raises(RegistryError, match="where no public registry is"):
        registry.put_blob(REPOSITORY, b"content")


REALMS = [
    "https://evil.example.net/token",
    "http://registry.example.com/token",
    "https://169.254.169.254/token",
    "https://[fe80::1]/token",
    "https://localhost/token",
    "https://registry.example.com@evil.example.net/token",
    "https://registry.example.com.evil.net/token",
    "ftp://registry.example.com/token",
    "token",
]


@pytest.mark.parametrize("realm", REALMS)
def test_token_servers_that_get_no_password(realm: str) -> None:
    asked = reply(401, www_authenticate=f'Bearer realm="{realm}",service="s"')
    transport = Recorded({"HEAD *": [lambda: asked]})
    with (
        Registry(replace(QUICK, transport=transport, credentials=lambda _: Password("a", "b"))) as registry,
        pytest.raises(RegistryError, match="token server") as caught,
    ):
        registry.resolve(TAG)
    assert len(transport.requests) == 1
    assert "BUILDER_TOKEN_REALMS" in caught.value.fix


def test_a_user_may_allow_a_token_server() -> None:
    asked = reply(401, www_authenticate='Bearer realm="https://login.example.net/token"')
    transport = Recorded(
        {"HEAD *": [lambda: asked, lambda: reply(404)], "GET *": [lambda: reply(200, {"token": "t"})]}
    )
    settings = replace(QUICK, transport=transport, realms=frozenset({"login.example.net"}))
    with Registry(settings) as registry:
        assert registry.resolve(TAG) is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"token": 7}',
        b'{"token": ""}',
        b'{"token": "a\\r\\nHost: evil"}',
        b'{"token": "\xc3\xa9"}',
        b"[" * 100_000,
        json.dumps({"token": "a" * 70_000}).encode(),
    ],
)
def test_token_servers_that_send_no_token(answer: bytes) -> None:
    asked = reply(401, www_authenticate='Bearer realm="https://registry.example.com/token"')
    transport = Recorded({"HEAD *": [lambda: asked], "GET *": [lambda: reply(200, answer)]})
    with (
        Registry(replace(QUICK, transport=transport)) as registry,
        pytest.raises(RegistryError, match="sent no token"),
    ):
        registry.resolve(TAG)


@pytest.mark.parametrize(
    "header", ["", "Negotiate", 'Bearer service="x"', "Bearer", "=,=,=", 'Basic realm="x']
)
def test_challenges_that_cannot_be_met(header: str) -> None:
    transport = Recorded({"HEAD *": [lambda: reply(401, www_authenticate=header)]})
    with Registry(replace(QUICK, transport=transport)) as registry, pytest.raises(RegistryError) as caught:
        registry.resolve(TAG)
    assert caught.value.code == 21
    assert len(transport.requests) == 1


def test_a_web_page_is_no_registry() -> None:
    with (
        answering(lambda: reply(404, b"<html>", content_type="text/html; charset=utf-8")) as registry,
        pytest.raises(RegistryError, match="a web page answers") as caught,
    ):
        registry.resolve(TAG)
    assert not isinstance(caught.value, NotFoundError)
    with (
        answering(lambda: reply(200, b"<html>", content_type="text/html")) as registry,
        pytest.raises(RegistryError),
    ):
        registry.resolve(TAG)


def test_a_blob_of_another_size_or_content() -> None:
    for content in (b"contents", b"conten", b"CONTENT"):
        with answering(partial(reply, 200, content)) as registry:
            with pytest.raises(RegistryError):
                registry.blob(REPOSITORY, BLOB)
            with pytest.raises(RegistryError):
                list(registry.stream_blob(REPOSITORY, BLOB))


def test_a_range_that_was_not_asked_for() -> None:
    content = bytes(200_000)
    blob = Descriptor.of("application/octet-stream", content)
    replies = (
        lambda: reply(200, content[:100_000]),
        lambda: reply(206, content[50_000:], content_range="bytes 50000-199999/200000"),
    )
    with answering(*replies) as registry, pytest.raises(RegistryError, match="another range"):
        list(registry.stream_blob(REPOSITORY, blob))


def test_what_a_registry_says_is_shown_harmlessly() -> None:
    said = {"errors": [{"code": "DENIED", "message": "\x1b[2Jhello\n" + "x" * 10_000}, 7]}
    with answering(lambda: reply(418, said)) as registry, pytest.raises(RegistryError) as caught:
        registry.manifest(TAG)
    assert "hello" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", ["", "-5", "1e9", "soon", "Thu, 99 Foo 2026", "9" * 400])
def test_a_retry_after_that_makes_no_sense_delays_nothing(text: str) -> None:
    waited: list[float] = []
    replies = Recorded({"HEAD *": [lambda: reply(503, retry_after=text)]})
    with (
        Registry(replace(QUICK, transport=replies, sleep=waited.append)) as registry,
        pytest.raises(UnavailableError),
    ):
        registry.resolve(TAG)
    assert sum(waited) < 1


@pytest.mark.parametrize(
    "entry", [7, {}, {"digest": "x"}, {"mediaType": MANIFEST, "size": 1, "digest": "sha256:1"}]
)
def test_referrers_that_are_none(entry: object) -> None:
    with answering(lambda: reply(200, {"manifests": [entry]})) as registry, pytest.raises(RegistryError):
        registry.referrers(REPOSITORY, BLOB.digest)


def test_an_image_under_the_tag_of_referrers_is_not_overwritten() -> None:
    content = json.dumps({"config": CONFIG}).encode()
    transport = Recorded(
        {
            "HEAD *": [lambda: reply(200)],
            "PUT *": [lambda: reply(201)],
            "GET *": [lambda: reply(200, content, content_type=MANIFEST)],
        }
    )
    with (
        Registry(replace(QUICK, transport=transport)) as registry,
        pytest.raises(RegistryError, match="an image has the tag"),
    ):
        registry.attach(REPOSITORY, BLOB, "application/x.receipt", b"{}", "application/json")
    assert [line.split()[0] for line in transport.asked()].count("PUT") == 1


def test_references_are_checked_where_they_are_read() -> None:
    for text in ("a/b", "A/b:1", "a b:1", "a:" + "x" * 129, "a@sha256:12", "http://a/b:1", "-a:1"):
        with pytest.raises(ValueError, match=r"."):
            Reference.parse(text)

"""Bodies without end, bombs, other bytes than were asked for: an error in bounded time and memory."""

import gzip
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from builder.model.descriptor import Descriptor
from builder.registry import RegistryError, UnavailableError
from builder.registry.manifest import MANIFEST_LIMIT
from tests.registry.hostile.clients import BLOB, REPOSITORY, TAG, answering, at_most
from tests.registry.recorded import Endless, reply


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

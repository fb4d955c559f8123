"""What registries and users say that makes no sense, or would do harm where it is shown."""

from dataclasses import replace

import pytest

from builder.model.reference import Reference
from builder.registry import NotFoundError, Registry, RegistryError, UnavailableError
from tests.registry.hostile.clients import TAG, answering
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK


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


def test_references_are_checked_where_they_are_read() -> None:
    for text in ("a/b", "A/b:1", "a b:1", "a:" + "x" * 129, "a@sha256:12", "http://a/b:1", "-a:1"):
        with pytest.raises(ValueError, match=r"."):
            Reference.parse(text)

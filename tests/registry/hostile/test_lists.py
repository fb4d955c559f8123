"""Lists of tags and referrers that have no end, go in circles, or hold something else."""

import json
from dataclasses import replace
from itertools import count

import httpx
import pytest

from builder.model.descriptor import MANIFEST
from builder.registry import Registry, RegistryError
from tests.registry.hostile.clients import BLOB, CONFIG, REPOSITORY, answering
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK


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

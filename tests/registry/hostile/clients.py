"""Clients of registries that lie, break the specification or mean harm."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx

from builder.model.descriptor import MANIFEST, Descriptor
from builder.model.reference import Repository
from builder.registry import Registry
from tests.registry.recorded import Recorded, reply
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

"""What the recorded conversations share: a manifest, its answer, a client and a challenge."""

from collections.abc import Callable
from dataclasses import replace

import httpx

from builder.model.descriptor import INDEX, Descriptor
from builder.model.digest import Digest
from builder.registry import Credential, Registry
from tests.registry.recorded import reply
from tests.servers.fixtures import QUICK
from tests.servers.images import canonical

CONTENT = canonical({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})
DIGEST = Digest.of(CONTENT)
FOUND = Descriptor(INDEX, DIGEST, len(CONTENT))
BLOB = Descriptor.of("application/octet-stream", b"content")


def found() -> httpx.Response:
    return reply(200, CONTENT, content_type=INDEX, docker_content_digest=str(DIGEST), etag=f'"{DIGEST}"')


def client(transport: httpx.BaseTransport, credential: Credential | None = None) -> Registry:
    return Registry(replace(QUICK, transport=transport, credentials=lambda _: credential))


def challenge(text: str) -> Callable[[], httpx.Response]:
    return lambda: reply(
        401,
        {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]},
        www_authenticate=text,
    )


HUB_CHALLENGE = challenge(
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
    'scope="repository:nvidia/cuda:pull"'
)

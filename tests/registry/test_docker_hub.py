"""Docker Hub, as docs.docker.com describes its token server and its rate limits."""

from dataclasses import replace

import pytest

from builder.model.descriptor import INDEX
from builder.model.reference import Reference
from builder.registry import RateLimit, Registry, UnauthorizedError, UnavailableError
from tests.registry.dialects import CONTENT, DIGEST, FOUND, HUB_CHALLENGE, challenge, client, found
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK

HUB = "https://registry-1.docker.io/v2/nvidia/cuda/manifests/13.0.2-base-ubuntu24.04"
HUB_TOKEN = "https://auth.docker.io/token?service=registry.docker.io&scope=repository:nvidia/cuda:pull"


def test_docker_hub_anonymously() -> None:
    transport = Recorded(
        {
            f"HEAD {HUB}": [
                HUB_CHALLENGE,
                lambda: reply(
                    200,
                    content_type=INDEX,
                    content_length=str(len(CONTENT)),
                    docker_content_digest=str(DIGEST),
                    ratelimit_limit="100;w=21600",
                    ratelimit_remaining="76;w=21600",
                    docker_ratelimit_source="192.0.2.1",
                ),
            ],
            f"GET {HUB_TOKEN}": [
                lambda: reply(200, {"token": "aaa", "access_token": "aaa", "expires_in": 300})
            ],
        }
    )
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04")) == FOUND
        assert registry.rate_limits == {"docker.io": RateLimit(100, 76, 21600)}
    assert "authorization" not in transport.requests[1].headers
    assert transport.requests[2].headers["authorization"] == "Bearer aaa"


def test_docker_hub_says_401_for_private_and_missing_repositories() -> None:
    url = HUB.replace("nvidia", "acme")
    refused = challenge(
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",'
        'scope="repository:acme/cuda:pull",error="insufficient_scope"'
    )
    transport = Recorded(
        {
            f"HEAD {url}": [refused],
            f"GET {HUB_TOKEN.replace('nvidia', 'acme')}": [lambda: reply(200, {"token": "aaa"})],
        }
    )
    with (
        client(transport) as registry,
        pytest.raises(UnauthorizedError, match="does not exist, or") as caught,
    ):
        registry.resolve(Reference.parse("acme/cuda:13.0.2-base-ubuntu24.04"))
    assert caught.value.fix == "Run `docker login`."
    assert len(transport.requests) == 3


def test_docker_hub_limits_pulls_and_says_for_how_long() -> None:
    limited = reply(
        429,
        {
            "errors": [
                {
                    "code": "TOOMANYREQUESTS",
                    "message": "You have reached your unauthenticated pull rate limit.",
                }
            ]
        },
        retry_after="21600",
    )
    transport = Recorded({f"HEAD {HUB}": [lambda: limited]})
    with client(transport) as registry, pytest.raises(UnavailableError, match=r"pull rate limit.*21600 s"):
        registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04"))
    assert len(transport.requests) == 1


def test_a_short_retry_after_is_honoured() -> None:
    waited: list[float] = []
    transport = Recorded({f"HEAD {HUB}": [lambda: reply(429, retry_after="7"), found]})
    settings = replace(QUICK, transport=transport, sleep=waited.append)
    with Registry(settings) as registry:
        assert registry.resolve(Reference.parse("nvidia/cuda:13.0.2-base-ubuntu24.04")) == FOUND
    assert waited[0] == 7.0

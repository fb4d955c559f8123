"""Registries that differ in how they let one in, as their documentation records them.

GitHub: docs.github.com/packages (container registry). Azure: learn.microsoft.com/azure/container-registry.
Amazon: docs.aws.amazon.com/AmazonECR. Quay: docs.projectquay.io. Harbor: goharbor.io/docs.
"""

import httpx
import pytest

from builder.model.reference import Reference
from builder.registry import (
    IdentityToken,
    Password,
    RegistryToken,
    UnauthorizedError,
)
from tests.registry.dialects import FOUND, challenge, client, found
from tests.registry.recorded import Recorded, reply

GITHUB = "https://ghcr.io/v2/acme/cuda/manifests/1"


def test_github_denies_the_token_of_a_package_that_is_not_there() -> None:
    transport = Recorded(
        {
            f"HEAD {GITHUB}": [
                challenge(
                    'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/cuda:pull"'
                )
            ],
            "GET *": [lambda: reply(403, {"errors": [{"code": "DENIED", "message": "denied"}]})],
        }
    )
    with client(transport) as registry, pytest.raises(UnauthorizedError, match="403") as caught:
        registry.resolve(Reference.parse("ghcr.io/acme/cuda:1"))
    assert "GITHUB_TOKEN" in caught.value.fix


def test_a_403_that_names_the_manifest_as_unknown_is_not_found() -> None:
    unknown = reply(403, {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]})
    transport = Recorded({f"HEAD {GITHUB}": [lambda: reply(403)], f"GET {GITHUB}": [lambda: unknown]})
    with client(transport) as registry:
        assert registry.resolve(Reference.parse("ghcr.io/acme/cuda:1")) is None


def test_any_other_403_is_could_not_tell() -> None:
    denied = reply(403, {"errors": [{"code": "DENIED", "message": "denied"}]})
    transport = Recorded({f"HEAD {GITHUB}": [lambda: reply(403)], f"GET {GITHUB}": [lambda: denied]})
    with client(transport) as registry, pytest.raises(UnauthorizedError, match="denied"):
        registry.resolve(Reference.parse("ghcr.io/acme/cuda:1"))


def test_azure_exchanges_a_refresh_token() -> None:
    url = "https://acme.azurecr.io/v2/cuda/manifests/1"
    transport = Recorded(
        {
            f"HEAD {url}": [
                challenge(
                    'Bearer realm="https://acme.azurecr.io/oauth2/token",service="acme.azurecr.io",'
                    'scope="repository:cuda:pull"'
                ),
                found,
            ],
            "POST https://acme.azurecr.io/oauth2/token": [lambda: reply(200, {"access_token": "ccc"})],
        }
    )
    with client(transport, IdentityToken("planted-refresh")) as registry:
        assert registry.resolve(Reference.parse("acme.azurecr.io/cuda:1")) == FOUND
    form = httpx.QueryParams(transport.requests[1].content.decode())
    assert form["grant_type"] == "refresh_token"
    assert form["refresh_token"] == "planted-refresh"
    assert form["scope"] == "repository:cuda:pull"


def test_amazon_takes_basic() -> None:
    url = "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/cuda/manifests/1"
    transport = Recorded(
        {
            f"HEAD {url}": [
                challenge(
                    'Basic realm="https://123456789012.dkr.ecr.us-east-1.amazonaws.com/",service="ecr"'
                ),
                found,
            ]
        }
    )
    with client(transport, Password("AWS", "planted")) as registry:
        reference = Reference.parse("123456789012.dkr.ecr.us-east-1.amazonaws.com/cuda:1")
        assert registry.resolve(reference) == FOUND


def test_a_registry_token_is_used_as_it_is() -> None:
    transport = Recorded({f"HEAD {GITHUB}": [challenge('Bearer realm="https://ghcr.io/token"'), found]})
    with client(transport, RegistryToken("ddd")) as registry:
        assert registry.resolve(Reference.parse("ghcr.io/acme/cuda:1")) == FOUND
    assert transport.requests[1].headers["authorization"] == "Bearer ddd"


@pytest.mark.parametrize(
    ("host", "realm"),
    [
        ("quay.io", "https://quay.io/v2/auth"),
        ("harbor.example.com", "https://harbor.example.com/service/token"),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth"),
    ],
)
def test_other_token_servers(host: str, realm: str) -> None:
    scope = "repository:acme/cuda:pull"
    transport = Recorded(
        {
            f"HEAD https://{host}/v2/acme/cuda/manifests/1": [
                challenge(f'Bearer realm="{realm}",service="{host}",scope="{scope}"'),
                found,
            ],
            f"GET {realm}?service={host}&scope={scope}": [lambda: reply(200, {"token": "eee"})],
        }
    )
    with client(transport) as registry:
        assert registry.resolve(Reference.parse(f"{host}/acme/cuda:1")) == FOUND

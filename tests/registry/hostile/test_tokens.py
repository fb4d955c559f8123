"""Token servers that must not see a password, and answers that are no token."""

import json
from dataclasses import replace

import pytest

from builder.registry import Password, Registry, RegistryError
from tests.registry.hostile.clients import TAG
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK

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

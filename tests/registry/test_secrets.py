"""Secrets that are planted everywhere turn up nowhere but on the wire."""

import io
import json
import logging
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from builder.model.descriptor import Descriptor
from builder.model.reference import Repository
from builder.registry import IdentityToken, Password, Registry, RegistryError, RegistryToken
from builder.registry.auth.handshake import Authorization, TokenAnswer, TokenRequest
from tests.registry.recorded import Recorded, reply
from tests.servers.fixtures import QUICK
from tests.servers.images import push_image
from tests.servers.registry import registry_server
from tests.servers.token_server import token_server

REPOSITORY = Repository.parse("registry.example.com/acme/cuda")
BLOB = Descriptor.of("application/octet-stream", b"content")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that any logger says at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def shown(error: BaseException) -> str:
    """What a crash log would have of it."""
    return "".join(traceback.format_exception(error)) + repr(error) + getattr(error, "fix", "")


def test_real_tokens_and_passwords_stay_out_of_logs(log: io.StringIO, tmp_path: Path) -> None:
    with (
        token_server(tmp_path / "tokens", users={"me": "planted-password"}) as tokens,
        registry_server(tmp_path / "registry", tokens=tokens) as server,
        Registry(replace(QUICK, credentials=lambda _: Password("me", "planted-password"))) as registry,
    ):
        reference = server.repository("team/image").tag("1")
        push_image(registry, reference, layer=bytes(2_000_000))
        registry.manifest(reference)
    said = log.getvalue()
    assert "PUT 127.0.0.1/v2/team/image/manifests/1 201" in said
    assert len(tokens.issued) == 2
    for secret in ("planted-password", *tokens.issued, "_state=", "Authorization"):
        assert secret not in said


SIGNED = "https://storage.example.com/blob?X-Amz-Signature=planted-signature"
ECHO = {"errors": [{"code": "DENIED", "message": "you sent planted-token and planted-password"}]}


def test_signed_urls_and_echoed_secrets_stay_out_of_errors_and_logs(log: io.StringIO) -> None:
    challenge = reply(401, www_authenticate='Bearer realm="https://registry.example.com/token"')
    transport = Recorded(
        {
            "HEAD *": [lambda: challenge, lambda: reply(404)],
            f"GET {SIGNED}": [lambda: reply(403, ECHO)],
            "GET https://registry.example.com/token?account=me&scope=repository:acme/cuda:pull": [
                lambda: reply(200, {"token": "planted-token"})
            ],
            "GET *": [lambda: reply(307, location=SIGNED)],
        }
    )
    settings = replace(QUICK, transport=transport, credentials=lambda _: Password("me", "planted-password"))
    with Registry(settings) as registry:
        assert registry.resolve(REPOSITORY.tag("1")) is None
        with pytest.raises(RegistryError, match=r"you sent \*\*\* and \*\*\*") as caught:
            registry.blob(REPOSITORY, BLOB)
    assert "storage.example.com" in log.getvalue()
    assert "planted" not in log.getvalue() + shown(caught.value)


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_broken_connections_tell_no_secrets(log: io.StringIO, failure: type[httpx.TransportError]) -> None:
    class Broken(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise failure("it broke", request=request)

    settings = replace(QUICK, transport=Broken(), credentials=lambda _: Password("me", "planted-password"))
    with Registry(settings) as registry, pytest.raises(RegistryError) as caught:
        registry.resolve(REPOSITORY.tag("1"))
    assert "planted" not in log.getvalue() + shown(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        Password("me", "planted"),
        IdentityToken("planted"),
        RegistryToken("planted"),
        Authorization("Bearer planted"),
        TokenRequest("POST", "https://x", {"Authorization": "planted"}, {"password": "planted"}),
        TokenAnswer(200, b"planted"),
    ],
)
def test_values_do_not_show_their_secrets(value: object) -> None:
    assert "planted" not in f"{value} {value!r}"


def test_settings_do_not_show_the_environment() -> None:
    code = "from builder.registry import Settings; print(Settings.from_environment())"
    environ = {"NGC_API_KEY": "planted", "GITHUB_TOKEN": "planted"}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert "planted" not in shown.stdout + shown.stderr
    assert "Settings(" in shown.stdout


def test_importing_the_client_imports_no_http_library() -> None:
    code = (
        "import sys, json, builder.registry;"
        "print(json.dumps([m for m in ('httpx', 'httpcore', 'anyio', 'pydantic') if m in sys.modules]))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(shown.stdout) == []

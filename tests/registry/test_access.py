"""Who may do what: TLS with a private authority, htpasswd, and tokens that the registry verifies."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builder.registry import (
    Credential,
    IdentityToken,
    Mounted,
    Password,
    Registry,
    UnauthorizedError,
    UnreachableError,
    map_concurrently,
)
from builder.registry.auth.credentials import EnvironmentCredentials
from tests.servers.certificates import issue
from tests.servers.fixtures import QUICK
from tests.servers.images import push_image
from tests.servers.registry import registry_server
from tests.servers.token_server import TokenServer, token_server

USER = Password("builder", "planted-password")


def client(credential: Credential | None, ca_file: Path | None = None) -> Registry:
    """A client with one login for everybody."""
    return Registry(replace(QUICK, credentials=lambda _: credential, ca_file=ca_file))


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[TokenServer]:
    """A token server that knows one user, and one refresh token."""
    with token_server(
        tmp_path / "tokens",
        users={USER.username: USER.password},
        public=frozenset({"team/public"}),
        refresh_tokens=frozenset({"planted-refresh"}),
    ) as started:
        yield started


def test_tls_with_a_private_authority(tmp_path: Path) -> None:
    certificate = issue(tmp_path / "tls", "127.0.0.1")
    with registry_server(tmp_path / "registry", tls=certificate) as server:
        reference = server.repository("team/image").tag("1")
        with client(None, certificate.authority) as trusting:
            assert trusting.resolve(reference) is None
            pushed = push_image(trusting, reference)
            assert trusting.resolve(reference) == pushed
        with client(None) as stranger, pytest.raises(UnreachableError, match="certificate is not trusted"):
            stranger.resolve(reference)
        assert stranger.requests.total == 1


def test_htpasswd(tmp_path: Path) -> None:
    with registry_server(tmp_path / "registry", users={USER.username: USER.password}) as server:
        reference = server.repository("team/image").tag("1")
        with client(USER) as known:
            pushed = push_image(known, reference)
            before = known.requests.total
            assert known.resolve(reference) == pushed
            assert known.requests.total - before == 1
        for credential in (None, Password("builder", "wrong")):
            with client(credential) as stranger, pytest.raises(UnauthorizedError):
                stranger.resolve(reference)


def test_one_token_serves_all_threads(tmp_path: Path, tokens: TokenServer) -> None:
    with registry_server(tmp_path / "registry", tokens=tokens) as server, client(USER) as known:
        reference = server.repository("team/image").tag("1")
        push_image(known, reference)
        tokens.asked.clear()
        with client(USER) as other:
            found = map_concurrently(other.resolve, [reference] * 40)

    assert None not in found
    assert tokens.asked == [("repository:team/image:pull",)]


def test_push_comes_first_in_the_scope_and_a_mount_names_its_source(
    tmp_path: Path, tokens: TokenServer
) -> None:
    with registry_server(tmp_path / "registry", tokens=tokens) as server, client(USER) as known:
        staging, release = server.repository("team/staging"), server.repository("team/release")
        descriptor = known.put_blob(staging, b"content")

        assert known.copy_blob(staging, release, descriptor) == Mounted()
    assert tokens.asked == [
        ("repository:team/staging:push,pull",),
        ("repository:team/release:push,pull", "repository:team/staging:pull"),
    ]


def test_a_token_that_ends_is_fetched_anew(tmp_path: Path, tokens: TokenServer) -> None:
    now = [0.0]
    from builder.registry.auth.authority import Authority
    from builder.registry.auth.challenge import Bearer
    from builder.registry.auth.handshake import TokenAnswer, TokenRequest

    def ask(registry: str, request: TokenRequest) -> TokenAnswer:
        status, body = tokens.answer(USER.username, USER.password, ("repository:a:pull",))
        return TokenAnswer(status, json.dumps(body).encode())

    authority = Authority(lambda _: USER, (), ask, clock=lambda: now[0])
    challenge = (Bearer(tokens.realm, "service"),)
    first = authority.renew("127.0.0.1:1", ("repository:a:pull",), challenge, None)
    now[0] = tokens.seconds * 0.89
    assert authority.current("127.0.0.1:1", ("repository:a:pull",)) == first
    now[0] = tokens.seconds * 0.91
    assert authority.current("127.0.0.1:1", ("repository:a:pull",)) != first


def test_a_token_that_the_registry_refuses_is_fetched_anew_once(tmp_path: Path, tokens: TokenServer) -> None:
    tokens.seconds = -60
    with registry_server(tmp_path / "registry", tokens=tokens) as server, client(USER) as known:
        reference = server.repository("team/image").tag("1")
        with pytest.raises(UnauthorizedError):
            known.resolve(reference)
        asked = len(tokens.asked)
        tokens.seconds = 300
        assert known.resolve(reference) is None
    assert asked <= 2
    assert len(tokens.asked) == asked + 1


def test_anonymous_pulls_of_public_images(tmp_path: Path, tokens: TokenServer) -> None:
    with registry_server(tmp_path / "registry", tokens=tokens) as server:
        public, private = (
            server.repository("team/public").tag("1"),
            server.repository("team/private").tag("1"),
        )
        with client(USER) as known:
            pushed = push_image(known, public)
            push_image(known, private)
        with client(None) as stranger:
            assert stranger.resolve(public) == pushed
            with pytest.raises(UnauthorizedError, match="does not exist, or our credentials do not reach it"):
                stranger.resolve(private)
            with pytest.raises(UnauthorizedError):
                stranger.check_push(public.repository)


@pytest.mark.parametrize("only_post", [False, True])
@pytest.mark.parametrize("credential", [USER, IdentityToken("planted-refresh")])
def test_both_ways_of_asking_for_a_token(
    tmp_path: Path, tokens: TokenServer, credential: Credential, only_post: bool
) -> None:
    tokens.only_post = only_post
    with registry_server(tmp_path / "registry", tokens=tokens) as server, client(credential) as known:
        push_image(known, server.repository("team/image").tag("1"))


def test_a_wrong_password_is_told_without_the_password(tmp_path: Path, tokens: TokenServer) -> None:
    with (
        registry_server(tmp_path / "registry", tokens=tokens) as server,
        client(Password("builder", "planted-wrong", "~/.docker/config.json")) as stranger,
        pytest.raises(UnauthorizedError, match=r"credentials of ~/.docker/config.json \(401\)") as caught,
    ):
        stranger.resolve(server.repository("team/image").tag("1"))
    assert "planted" not in f"{caught.value} {caught.value.fix} {caught.value!r}"
    assert len(tokens.asked) == 1


def test_deleting_asks_for_the_scope_that_the_registry_wants(tmp_path: Path, tokens: TokenServer) -> None:
    with registry_server(tmp_path / "registry", tokens=tokens) as server, client(USER) as known:
        reference = server.repository("team/image").tag("1")
        known.delete(reference.repository.at(push_image(known, reference).digest))
        assert known.resolve(reference) is None


def test_the_whole_way_from_docker_config(tmp_path: Path) -> None:
    with registry_server(tmp_path / "registry", users={USER.username: USER.password}) as server:
        login = {"auths": {server.host: {"username": USER.username, "password": USER.password}}}
        (tmp_path / "config.json").write_text(json.dumps(login))
        credentials = EnvironmentCredentials({"DOCKER_CONFIG": str(tmp_path)})
        with Registry(replace(QUICK, credentials=credentials)) as known:
            push_image(known, server.repository("team/image").tag("1"))

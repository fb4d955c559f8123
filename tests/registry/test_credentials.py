"""Where logins come from: Docker's config.json, real helper programs, and variables."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.model.errors import BuilderError, ExitCode
from builder.registry import EnvironmentCredentials, IdentityToken, Password, RegistryToken, UnauthorizedError

Configure = Callable[..., EnvironmentCredentials]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Writes a config.json; variables are given by name."""

    def write(config: object, **environ: str) -> EnvironmentCredentials:
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "config.json").write_text(text)
        return EnvironmentCredentials(
            {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}/bin:/usr/bin:/bin", **environ}
        )

    return write


@pytest.fixture
def helper(tmp_path: Path) -> Callable[[str, str], None]:
    """Installs a credential helper: a shell program with the server's name in `$server`."""

    def install(name: str, body: str) -> None:
        path = tmp_path / "bin" / f"docker-credential-{name}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nserver=$(cat)\necho "$1 $server" >> {tmp_path}/asked\n{body}\n')
        path.chmod(0o755)

    return install


def auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"])
def test_a_stored_login_under_each_of_its_names(configure: Configure, tmp_path: Path, key: str) -> None:
    found = configure({"auths": {"quay.io": auth("x", "y"), key: auth("me", "pass:word")}})("ghcr.io")
    assert found == Password("me", "pass:word", str(tmp_path / "config.json"))


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io"])
def test_docker_hub_has_many_names(configure: Configure, key: str) -> None:
    assert configure({"auths": {key: auth("me", "word")}})("docker.io") is not None


def test_a_port_belongs_to_the_name(configure: Configure) -> None:
    credentials = configure({"auths": {"127.0.0.1:5000": auth("me", "word")}})
    assert credentials("127.0.0.1:5000") is not None
    assert credentials("127.0.0.1:5001") is None


def test_kinds_of_stored_tokens(configure: Configure, tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    credentials = configure(
        {
            "auths": {
                "acme.azurecr.io": {**auth("0000", ""), "identitytoken": "refresh"},
                "reg.example.com": {"registrytoken": "bearer"},
                "old.example.com": {"username": "me", "password": "word"},
                "empty.example.com": {},
            }
        }
    )
    assert credentials("acme.azurecr.io") == IdentityToken("refresh", path)
    assert credentials("reg.example.com") == RegistryToken("bearer", path)
    assert credentials("old.example.com") == Password("me", "word", path)
    assert credentials("empty.example.com") is None


def test_a_registrys_own_helper_goes_before_the_store(
    configure: Configure, helper: Callable[[str, str], None], tmp_path: Path
) -> None:
    helper("own", 'echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"me\\",\\"Secret\\":\\"own\\"}"')
    helper("store", 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"store\\"}"')
    credentials = configure(
        {"credHelpers": {"ghcr.io": "own"}, "credsStore": "store", "auths": {"ghcr.io": auth("a", "b")}}
    )
    assert credentials("ghcr.io") == Password("me", "own", "docker-credential-own")
    assert credentials("docker.io") == IdentityToken("store", "docker-credential-store")
    assert (tmp_path / "asked").read_text().splitlines() == [
        "get ghcr.io",
        "get https://index.docker.io/v1/",
    ]


def test_a_helper_that_knows_nothing_is_no_failure(
    configure: Configure, helper: Callable[[str, str], None]
) -> None:
    helper("store", "echo 'credentials not found in native keychain'; exit 1")
    credentials = configure({"credsStore": "store"}, NGC_API_KEY="planted")
    assert credentials("quay.io") is None
    assert credentials("nvcr.io") == Password("$oauthtoken", "planted", "NGC_API_KEY")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("echo planted-secret >&2; exit 3", "exit 3"),
        ("echo planted-secret", "not the JSON"),
        ('echo "{\\"Username\\": 7, \\"Secret\\": \\"planted-secret\\"}"', "not the JSON"),
    ],
)
def test_a_helper_that_fails_is_named_without_its_words(
    configure: Configure, helper: Callable[[str, str], None], body: str, message: str
) -> None:
    helper("store", body)
    with pytest.raises(UnauthorizedError, match=message) as caught:
        configure({"credsStore": "store"})("ghcr.io")
    assert "docker-credential-store" in str(caught.value)
    assert "planted-secret" not in f"{caught.value} {caught.value.fix}"


def test_a_missing_helper_is_a_missing_tool(configure: Configure) -> None:
    with pytest.raises(BuilderError, match="docker-credential-nowhere") as caught:
        configure({"credsStore": "nowhere"})("ghcr.io")
    assert caught.value.code is ExitCode.TOOL_MISSING


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "a;b"])
def test_a_helper_name_is_only_a_name(configure: Configure, name: str) -> None:
    with pytest.raises(UnauthorizedError, match="no name of a credential helper"):
        configure({"credsStore": name})("ghcr.io")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "not a JSON object"),
        ('{"auths": [1]}', "'auths' is not an object"),
        ('{"auths": {"ghcr.io": {"auth": "planted*secret"}}}', "not base64"),
    ],
)
def test_a_broken_config_is_named(configure: Configure, config: str, message: str) -> None:
    with pytest.raises(UnauthorizedError, match=message) as caught:
        configure(config)("ghcr.io")
    assert "planted" not in f"{caught.value} {caught.value.fix}"


def test_variables_serve_only_their_registries(tmp_path: Path) -> None:
    environ = {
        "DOCKER_CONFIG": str(tmp_path),
        "NGC_API_KEY": "key",
        "GITHUB_TOKEN": "token",
        "GITHUB_ACTOR": "me",
    }
    credentials = EnvironmentCredentials(environ)
    assert credentials("nvcr.io") == Password("$oauthtoken", "key", "NGC_API_KEY")
    assert credentials("ghcr.io") == Password("me", "token", "GITHUB_TOKEN")
    for other in ("docker.io", "nvcr.io.evil.net", "evil-ghcr.io", "127.0.0.1:5000"):
        assert credentials(other) is None


def test_a_login_goes_before_a_variable(configure: Configure, tmp_path: Path) -> None:
    credentials = configure({"auths": {"ghcr.io": auth("me", "word")}}, GITHUB_TOKEN="token")
    assert credentials("ghcr.io") == Password("me", "word", str(tmp_path / "config.json"))

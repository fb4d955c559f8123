"""Properties of the parts that send nothing: waiting, challenges, token servers, manifests, concurrency."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.model.errors import BuilderError, ExitCode
from builder.registry import (
    NotFoundError,
    Retry,
    Settings,
    UnavailableError,
    map_concurrently,
    map_outcomes,
)
from builder.registry.auth.challenge import Basic, Bearer, parse_challenges
from builder.registry.auth.realm import check_realm
from builder.registry.errors import RegistryError
from builder.registry.hosts import api_host
from builder.registry.http.tries import Tries
from builder.registry.manifest import Manifest
from builder.web.hosts import is_link_local, is_loopback

TEXT = st.text(st.characters(codec="latin-1"), max_size=40)
LABEL = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("config", "layers", "manifests", "mediaType", "digest", "size", "platform", "os", "subject")
            )
            | TEXT,
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.lists(st.none() | st.floats(0, 300), min_size=1, max_size=40))
def test_waiting_is_bounded_and_never_shorter_than_asked_for(wishes: list[float | None]) -> None:
    retry = Retry()
    waited: list[float] = []
    tries = Tries(retry, waited.append)
    for wish in wishes:
        try:
            tries.again(UnavailableError("trouble", where="here", fix="wait", retry_after=wish))
        except UnavailableError:
            break
        assert waited[-1] >= (wish or 0)
    assert len(waited) < retry.attempts
    assert sum(waited) <= retry.patience


def test_not_found_is_waited_for_only_as_lag() -> None:
    waited: list[float] = []
    missing = NotFoundError("nothing", where="here", fix="push")
    with pytest.raises(NotFoundError):
        Tries(Retry(), waited.append).again(missing)
    assert waited == []
    tries = Tries(Retry(), waited.append)
    with pytest.raises(NotFoundError):
        _again_and_again(tries, missing)
    assert 0 < sum(waited) <= Retry().lag


def _again_and_again(tries: Tries, error: RegistryError) -> None:
    for _ in range(1000):
        tries.again(error, lag=True)


@given(st.lists(TEXT, max_size=3))
def test_any_header_is_some_challenges(headers: list[str]) -> None:
    assert all(isinstance(found, Basic | Bearer) for found in parse_challenges(headers))


@given(TEXT.filter(bool), TEXT, TEXT)
def test_quoted_parameters_come_back(realm: str, service: str, scope: str) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    header = f'Bearer realm="{quoted(realm)}", service="{quoted(service)}",scope="{quoted(scope)}"'
    assert parse_challenges([f"Negotiate abc, {header}, Basic realm=x"]) == (
        Bearer(realm, service, scope),
        Basic(),
    )


def passes(realm: str, api: str) -> bool:
    try:
        check_realm(realm, api, ())
    except RegistryError:
        return False
    return True


@given(LABEL, LABEL, LABEL)
def test_token_servers_of_the_same_site_pass_and_others_do_not(first: str, second: str, site: str) -> None:
    api = f"{first}.{site}.com"
    assert passes(f"https://{second}.{site}.com/token", api)
    assert passes(f"https://{site}.com/token", api)
    assert not passes(f"https://{second}.{site}x.com/token", api)
    assert not passes(f"https://{api}.{second}.net/token", api)
    assert not passes(f"https://{second}.co.uk/token", f"{first}x.co.uk")


@pytest.mark.parametrize(
    ("realm", "api", "expected"),
    [
        ("https://auth.docker.io/token", "registry-1.docker.io", True),
        ("https://api.digitalocean.com/v2/registry/auth", "registry.digitalocean.com", True),
        ("http://127.0.0.1:5001/token", "127.0.0.1:5000", True),
        ("http://localhost:5001/token", "127.0.0.1:5000", True),
        ("http://127.0.0.1:5001/token", "registry.example.com", False),
        ("https://127.0.0.1/token", "registry.example.com", False),
        ("https://10.0.0.2/token", "10.0.0.1", False),
        ("https://10.0.0.1:8443/token", "10.0.0.1", True),
        ("https://registry/token", "other", False),
    ],
)
def test_token_servers(realm: str, api: str, expected: bool) -> None:
    assert passes(realm, api) is expected


def test_names_of_this_machine_and_of_the_link() -> None:
    assert api_host("docker.io") == "registry-1.docker.io"
    for host in ("localhost", "localhost:5000", "reg.localhost", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000"):
        assert is_loopback(host)
    for host in ("localhost.example.com", "128.0.0.1", "127.0.0.1.example.com", "[::2]", ""):
        assert not is_loopback(host)
    for host in (
        "169.254.169.254",
        "169.254.1.1:80",
        "[fe80::1]",
        "[fe80::1]:443",
        "[::ffff:169.254.169.254]",
    ):
        assert is_link_local(host)


@given(JSON, st.sampled_from(("", "application/vnd.oci.image.index.v1+json", "text/plain; charset=utf-8")))
def test_any_json_is_a_manifest_or_a_value_error(data: object, media_type: str) -> None:
    try:
        manifest = Manifest.parse(json.dumps(data).encode(), media_type)
    except ValueError:
        return
    assert manifest.digest.matches(manifest.content)
    assert manifest.is_index == (manifest.config is None)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Manifest.parse(content)


def test_results_keep_the_order_of_their_items() -> None:
    assert map_concurrently(lambda item: item * 2, range(100), 7) == tuple(range(0, 200, 2))
    assert map_concurrently(str, ()) == ()


def test_the_first_error_stops_what_has_not_begun() -> None:
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 5:
            raise BuilderError(ExitCode.REGISTRY, "no", fix="none")

    with pytest.raises(BuilderError, match="no"):
        map_concurrently(work, range(10_000), 1)
    assert begun == [0, 1, 2, 3, 4, 5]


def test_outcomes_keep_errors_in_their_places() -> None:
    def work(item: int) -> int:
        if item == 1:
            raise BuilderError(ExitCode.REGISTRY, "no", fix="none")
        return item

    first, second, third = map_outcomes(work, range(3))
    assert (first, third) == (0, 2)
    assert isinstance(second, BuilderError)


def test_settings_from_variables() -> None:
    environ = {
        "BUILDER_REGISTRY_CA": "/ca.pem",
        "BUILDER_TOKEN_REALMS": "Login.example.com, other.example.com",
    }
    settings = Settings.from_environment(environ)
    assert str(settings.ca_file) == "/ca.pem"
    assert settings.realms == {"login.example.com", "other.example.com"}

"""The authentication handshake as a generator: it yields requests to a token server, and is sent answers."""

import json
from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from builder.registry.auth.challenge import Basic, Bearer, Challenge
from builder.registry.auth.realm import check_realm
from builder.registry.auth.secrets import Credential, IdentityToken, Password, RegistryToken
from builder.registry.errors import RegistryError, UnauthorizedError

CLIENT_ID = "cuda-image-builder"
# Distribution's token specification: what holds when expires_in is left out.
_DEFAULT_SECONDS = 60.0
_LONGEST_SECONDS = 24 * 3600.0
_LONGEST_TOKEN = 64 << 10
_OK = 200
# Token servers that know only OAuth 2's POST, or only the GET of the token specification.
_WRONG_METHOD = frozenset({400, 404, 405})


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What to ask a token server. `form` is for POST."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    form: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a token server said."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """The value of an Authorization header, and for how many seconds from its arrival it serves."""

    header: str = field(repr=False)
    seconds: float = inf


Handshake: TypeAlias = Generator[TokenRequest, TokenAnswer, Authorization]


def handshake(
    api: str,
    challenges: Collection[Challenge],
    credential: Credential | None,
    scopes: Iterable[str],
    allowed_realms: Collection[str] = (),
) -> Handshake:
    """Answer a registry's challenges.

    Raises:
        UnauthorizedError: when credentials are missing, or the token server refuses them.
        RegistryError: when the token server is not one of the registry's, or talks nonsense.
    """
    bearer = next((challenge for challenge in challenges if isinstance(challenge, Bearer)), None)
    match bearer, credential:
        case Bearer(), RegistryToken(token=token):
            return Authorization(f"Bearer {token}")
        case Bearer(), (Password() | IdentityToken() | None):
            check_realm(bearer.realm, api, allowed_realms)
            return (yield from _token(api, bearer, credential, _scopes(scopes, bearer.scope)))
        case None, Password() if Basic() in challenges:
            return Authorization(credential.basic)
        case _:
            raise UnauthorizedError(
                "it asks for credentials, and there are none for it"
                if challenges
                else "it refuses this request",
                where=api,
                fix=login_fix(api),
            )


def login_fix(api: str) -> str:
    """What to do when a registry wants to know who we are."""
    match api:
        case "nvcr.io":
            return "Set NGC_API_KEY, or run `docker login nvcr.io`."
        case "ghcr.io":
            return "Set GITHUB_TOKEN (with the packages permission), or run `docker login ghcr.io`."
        case "registry-1.docker.io":
            return "Run `docker login`."
        case _:
            return f"Run `docker login {api}`."


def _scopes(wanted: Iterable[str], offered: str) -> tuple[str, ...]:
    """Ours first, since some servers read only the first; then what the registry named beyond them."""
    ours = tuple(wanted)
    return ours + tuple(scope for scope in offered.split() if not any(_covers(our, scope) for our in ours))


def _covers(one: str, other: str) -> bool:
    name, _, actions = one.rpartition(":")
    other_name, _, other_actions = other.rpartition(":")
    return name == other_name and set(other_actions.split(",")) <= set(actions.split(","))


def _token(
    api: str, bearer: Bearer, credential: Password | IdentityToken | None, scopes: tuple[str, ...]
) -> Handshake:
    answer = yield _request(bearer, credential, scopes)
    if isinstance(credential, Password) and answer.status in _WRONG_METHOD:
        answer = yield _post(
            bearer,
            scopes,
            {"grant_type": "password", "username": credential.username, "password": credential.password},
        )
    if answer.status != _OK:
        whose = f"the credentials of {credential.origin}" if credential else "a request without credentials"
        raise UnauthorizedError(
            f"its token server refused {whose} ({answer.status})", where=api, fix=login_fix(api)
        )
    return _authorization(api, answer.body)


def _request(
    bearer: Bearer, credential: Password | IdentityToken | None, scopes: tuple[str, ...]
) -> TokenRequest:
    match credential:
        case IdentityToken(token=token):
            return _post(bearer, scopes, {"grant_type": "refresh_token", "refresh_token": token})
        case Password(username=username, basic=basic):
            return TokenRequest(
                "GET", _with_query(bearer, scopes, account=username), {"Authorization": basic}
            )
        case None:
            return TokenRequest("GET", _with_query(bearer, scopes))


def _with_query(bearer: Bearer, scopes: tuple[str, ...], account: str = "") -> str:
    parts = urlsplit(bearer.realm)
    query = parse_qsl(parts.query)
    query += [("service", bearer.service)] if bearer.service else []
    query += [("account", account)] if account else []
    query += [("scope", scope) for scope in scopes]
    return urlunsplit(parts._replace(query=urlencode(query, safe=":/,")))


def _post(bearer: Bearer, scopes: tuple[str, ...], grant: Mapping[str, str]) -> TokenRequest:
    form = {"service": bearer.service, "client_id": CLIENT_ID, "scope": " ".join(scopes), **grant}
    return TokenRequest("POST", bearer.realm, form=form)


def _authorization(api: str, body: bytes) -> Authorization:
    data = _json(body)
    token = data.get("token") or data.get("access_token")
    # A token goes into a header: anything but visible ASCII could start another one.
    if (
        not isinstance(token, str)
        or len(token) > _LONGEST_TOKEN
        or not token.isascii()
        or not token.isprintable()
    ):
        raise RegistryError(
            "its token server sent no token",
            where=api,
            fix="Ask the registry's operator; see its status page.",
        )
    return Authorization(f"Bearer {token}", _seconds(data.get("expires_in")))


def _seconds(expires_in: object) -> float:
    match expires_in:
        case bool():
            return _DEFAULT_SECONDS
        case int() | float() if expires_in > 0:
            return float(min(expires_in, _LONGEST_SECONDS))
        case _:
            return _DEFAULT_SECONDS


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}

"""Secrets as values that do not show themselves."""

import base64
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Password:
    """A user name and a password or token. `origin` tells people where it was found."""

    username: str
    password: str = field(repr=False)
    origin: str = "the caller"

    @property
    def basic(self) -> str:
        """The value of an Authorization header (RFC 7617)."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """An OAuth 2 refresh token, as `docker login` keeps them for Azure's registries."""

    token: str = field(repr=False)
    origin: str = "the caller"


@dataclass(frozen=True, slots=True)
class RegistryToken:
    """A Bearer token that somebody else already fetched."""

    token: str = field(repr=False)
    origin: str = "the caller"


Credential: TypeAlias = Password | IdentityToken | RegistryToken


def secrets_of(credential: Credential | None) -> tuple[str, ...]:
    """Every text that must never be printed."""
    match credential:
        case None:
            return ()
        case Password(password=password, basic=basic):
            return (password, basic.removeprefix("Basic "))
        case IdentityToken(token=token) | RegistryToken(token=token):
            return (token,)

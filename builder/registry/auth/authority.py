"""Authorizations in use: fetched once for all threads, kept while they serve, renewed when refused."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias

from builder.registry.auth.challenge import Challenge
from builder.registry.auth.credentials import Credentials
from builder.registry.auth.handshake import Authorization, Handshake, TokenAnswer, TokenRequest, handshake
from builder.registry.auth.secrets import Credential, secrets_of
from builder.registry.concurrency import KeyedLocks
from builder.registry.hosts import api_host

Scopes: TypeAlias = tuple[str, ...]
_Key: TypeAlias = tuple[str, Scopes]
# The part of a token's life in which it is used: it has to last until the request arrives.
_USED = 0.9


@dataclass(frozen=True, slots=True)
class _Grant:
    header: str = field(repr=False)
    until: float


class Authority:
    """Authorization headers per registry and scopes. `ask` sends a request to a token server."""

    def __init__(
        self,
        credentials: Credentials,
        realms: Collection[str],
        ask: Callable[[str, TokenRequest], TokenAnswer],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = credentials
        self._realms = realms
        self._ask = ask
        self._clock = clock
        self._lock = Lock()
        self._locks = KeyedLocks()
        self._grants: dict[_Key, _Grant] = {}
        self._challenges: dict[str, Sequence[Challenge]] = {}
        self._credentials: dict[str, Credential | None] = {}

    def current(self, registry: str, scopes: Scopes) -> str | None:
        """The header to send; None while this registry has not asked for one."""
        if registry not in self._challenges:
            return None
        with self._locks(registry, scopes):
            grant = self._grants.get((registry, scopes))
            if grant and grant.until > self._clock():
                return grant.header
            return self._obtain(registry, scopes, self._challenges[registry])

    def renew(
        self, registry: str, scopes: Scopes, challenges: Sequence[Challenge], refused: str | None
    ) -> str:
        """A header in place of the one that the registry just refused, or the first one.

        Raises:
            RegistryError: when there is none to be had.
        """
        with self._locks(registry, scopes):
            grant = self._grants.get((registry, scopes))
            if grant and grant.header != refused and grant.until > self._clock():
                return grant.header
            if refused:
                self._credentials.pop(registry, None)
            header = self._obtain(registry, scopes, challenges)
            self._challenges[registry] = challenges
            return header

    def secrets(self, registry: str) -> frozenset[str]:
        """What must not be printed of what this registry was shown."""
        with self._lock:
            headers = [grant.header for key, grant in self._grants.items() if key[0] == registry]
        tokens = (header.partition(" ")[2] for header in headers)
        return frozenset(filter(None, (*tokens, *secrets_of(self._credentials.get(registry)))))

    def _obtain(self, registry: str, scopes: Scopes, challenges: Sequence[Challenge]) -> str:
        asked = self._clock()
        granted = self._drive(
            registry,
            handshake(api_host(registry), challenges, self._credential(registry), scopes, self._realms),
        )
        with self._lock:
            self._grants[registry, scopes] = _Grant(granted.header, asked + granted.seconds * _USED)
        return granted.header

    def _drive(self, registry: str, steps: Handshake) -> Authorization:
        try:
            request = next(steps)
            while True:
                request = steps.send(self._ask(registry, request))
        except StopIteration as stop:
            authorization: Authorization = stop.value
            return authorization

    def _credential(self, registry: str) -> Credential | None:
        # A helper program may take its time, and other registries should not wait for it.
        with self._locks(registry):
            if registry not in self._credentials:
                self._credentials[registry] = self._find(registry)
            return self._credentials[registry]

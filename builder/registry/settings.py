"""How to talk to registries: one frozen value, everything with a default that works."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from builder.registry.auth.credentials import Credentials, EnvironmentCredentials
from builder.registry.auth.realm import REALMS_VARIABLE

if TYPE_CHECKING:
    import httpx

CA_VARIABLE = "BUILDER_REGISTRY_CA"


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how long a temporary trouble is waited for. All times are seconds.

    `attempts` bounds the tries of one request, `patience` the waiting between them, Retry-After included.
    Waits grow from `base` by doubling up to `cap`, each shortened by up to half at random, so that runners
    that failed together do not come back together. `lag` is how long a 404 for something that this client
    pushed itself may still turn into an answer.
    """

    attempts: int = 6
    base: float = 0.3
    cap: float = 20.0
    patience: float = 120.0
    lag: float = 10.0

    def delay(self, attempt: int, spent: float, retry_after: float | None, jitter: float) -> float | None:
        """Seconds to wait after this attempt (counted from 1) failed; None when it is time to give up.

        `spent` is what was waited so far, `jitter` a number from 0 to 1.
        """
        if attempt >= self.attempts:
            return None
        wait = max(self._backoff(attempt, jitter), retry_after or 0.0)
        return wait if spent + wait <= self.patience else None

    def lag_delay(self, attempt: int, spent: float, jitter: float) -> float | None:
        """Seconds to wait for something that was pushed but is not found yet; None when it is lost."""
        wait = self._backoff(attempt, jitter)
        return wait if spent + wait <= self.lag else None

    def _backoff(self, attempt: int, jitter: float) -> float:
        return float(min(self.cap, self.base * 2 ** min(attempt - 1, 30))) * (1 - jitter / 2)


@dataclass(frozen=True, slots=True)
class Settings:
    """`ca_file` is trusted beside the system's authorities. `realms` are hosts of token servers to trust too.

    `read_seconds` is the longest wait for a response's first 64 KiB and for every next 64 KiB;
    `commit_seconds` the same where the registry has to hash an upload first. `chunk` is the most bytes one
    upload request carries. `settle` is how many seconds after a write of a shared tag it is looked at again.
    `transport` stands in for the network in tests.
    """

    credentials: Credentials = field(default_factory=EnvironmentCredentials, repr=False)
    ca_file: Path | None = None
    realms: frozenset[str] = frozenset()
    retry: Retry = Retry()
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    commit_seconds: float = 600.0
    chunk: int = 1 << 30
    settle: float = 0.5
    transport: "httpx.BaseTransport | None" = None
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """What users set without a flag: credentials, BUILDER_REGISTRY_CA, BUILDER_TOKEN_REALMS."""
        ca_file = environ.get(CA_VARIABLE)
        realms = environ.get(REALMS_VARIABLE, "").replace(",", " ").split()
        return cls(
            credentials=EnvironmentCredentials(environ),
            ca_file=Path(ca_file) if ca_file else None,
            realms=frozenset(realm.lower() for realm in realms),
        )

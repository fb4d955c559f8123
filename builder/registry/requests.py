"""What went over the wire, counted, so that callers can promise that nothing did."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType

_WRITES = ("PUT", "POST", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests to registries by method, tries and redirects included; `tokens` are those to token servers.

    `blob_bytes` and `manifest_bytes` are what was uploaded, `retries` the tries beyond the first.
    """

    methods: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    tokens: int = 0
    retries: int = 0
    blob_bytes: int = 0
    manifest_bytes: int = 0

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.methods.values()) + self.tokens

    @property
    def writes(self) -> int:
        """Requests that may change a registry."""
        return sum(self.methods.get(method, 0) for method in _WRITES)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What a registry says is left: `remaining` of `limit` requests in `seconds` (0: not said)."""

    limit: int
    remaining: int
    seconds: int = 0


class Counters:
    """The running totals behind `Requests`; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()
        self._methods: Counter[str] = Counter()

    def request(self, method: str) -> None:
        """Count a request to a registry."""
        with self._lock:
            self._methods[method] += 1

    def add(self, name: str, amount: int = 1) -> None:
        """Count something else: one of the fields of `Requests`."""
        with self._lock:
            self._counts[name] += amount

    def snapshot(self) -> Requests:
        """The totals so far."""
        with self._lock:
            return Requests(MappingProxyType(dict(self._methods)), **self._counts)

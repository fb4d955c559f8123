"""One request to a registry and how to take its answer, as a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self


@dataclass(frozen=True, slots=True)
class Ask:
    """What to send.

    `url` is absolute, or a path that begins with / at `registry`'s API. `where` is what messages name,
    `registry` whose credentials go along when the URL is its own (empty: nobody's), `accept` the statuses
    that are answers. `ours`: this client pushed it, so a 404 may be lag. `counted` is the field of `Requests`
    that the body's bytes go to. A body that is a function is called anew for every try. `seconds` is the
    read timeout where the settings' is too short.
    """

    method: str
    url: str
    where: str
    registry: str = ""
    scopes: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    body: bytes | Callable[[], Iterator[bytes]] = field(default=b"", repr=False)
    accept: frozenset[int] = frozenset({200})
    ours: bool = False
    counted: str = ""
    seconds: float | None = None

    def authorized(self, authorization: str | None) -> Self:
        """The same with this Authorization header, if there is one."""
        if authorization is None:
            return self
        return replace(self, headers={**self.headers, "Authorization": authorization})

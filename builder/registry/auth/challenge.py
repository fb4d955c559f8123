"""WWW-Authenticate headers (RFC 9110, 11.6.1) as values."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SCHEME = re.compile(rf"[\s,]*({_WORD})(?:[ \t]+|(?=,|$))")
_PARAMETER = re.compile(rf"[\s,]*({_WORD})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|({_WORD}))")
_LIMIT = 8 << 10


@dataclass(frozen=True, slots=True)
class Basic:
    """The registry takes a user name and a password directly."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """The registry takes tokens of the server at `realm`."""

    realm: str
    service: str = ""
    scope: str = ""


Challenge: TypeAlias = Basic | Bearer


def parse_challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges that a registry client can answer; anything else in these headers is left out."""
    return tuple(challenge for header in headers for challenge in _parse(header[:_LIMIT]))


def _parse(header: str) -> Iterator[Challenge]:
    position = 0
    while scheme := _SCHEME.match(header, position):
        position = scheme.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, position):
            name, quoted, bare = parameter.groups()
            parameters.setdefault(name.lower(), bare or re.sub(r"\\(.)", r"\1", quoted or ""))
            position = parameter.end()
        match scheme[1].lower():
            case "basic":
                yield Basic()
            case "bearer" if parameters.get("realm"):
                yield Bearer(parameters["realm"], parameters.get("service", ""), parameters.get("scope", ""))

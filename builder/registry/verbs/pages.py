"""Lists that come in pages linked by RFC 8288 headers: followed on the same host, and not for ever."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import httpx

from builder.registry.errors import RegistryError
from builder.registry.http.ask import Ask
from builder.registry.http.body import read_json
from builder.registry.http.session import Session

T = TypeVar("T")
_MOST_PAGES = 1000
_FIX = "Ask the registry's operator; its answer breaks the distribution specification."


def paginate(session: Session, ask: Ask, key: str, read: Callable[[object], T], most: int) -> list[T]:
    """Every entry under `key` on this page and the following ones, through `read`.

    Raises:
        RegistryError: when pages lead in a circle or to another host, when there are more than `most` entries
            or a thousand pages, and when `read` raises ValueError.
    """
    entries: list[T] = []
    seen = {ask.url}
    for _ in range(_MOST_PAGES):
        page, following = session.call(ask, partial(_page, where=ask.where, key=key))
        if not isinstance(page, list):
            raise _broken(ask.where, f"its {key} are not a list")
        try:
            entries += map(read, page)
        except ValueError as error:
            raise _broken(ask.where, str(error)) from error
        if len(entries) > most:
            raise _broken(ask.where, f"it lists more than {most:,} {key}")
        if not following:
            return entries
        if following in seen:
            raise _broken(ask.where, "its pages lead in a circle")
        seen.add(following)
        ask = replace(ask, url=following)
    raise _broken(ask.where, f"its list has more than {_MOST_PAGES} pages")


def _page(response: httpx.Response, where: str, key: str) -> tuple[object, str]:
    return read_json(response, where).get(key) or [], _following(response, where)


def _following(response: httpx.Response, where: str) -> str:
    """The next page's URL, empty on the last one."""
    link = response.links.get("next", {}).get("url")
    if not link:
        return ""
    here = response.request.url
    try:
        there = here.join(link)
    except httpx.InvalidURL:
        raise _broken(where, "its next page is no URL") from None
    if (there.scheme, there.netloc) != (here.scheme, here.netloc):
        raise _broken(where, f"its next page is on another host, {there.host}")
    return str(there)


def _broken(where: str, what: str) -> RegistryError:
    return RegistryError(what, where=where, fix=_FIX)

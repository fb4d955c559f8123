"""Where a redirect or an upload's location may lead, and what may go along."""

from dataclasses import replace

import httpx

from builder.registry.errors import RegistryError
from builder.registry.http.ask import Ask
from builder.web.hosts import is_link_local, is_loopback

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_SAFE = frozenset({"GET", "HEAD"})


def redirected(ask: Ask, response: httpx.Response) -> Ask:
    """The same request at the place that the response points to, without Authorization on another host.

    Raises:
        RegistryError: when it would make a read of a write, or leads where `target` does not let it.
    """
    there = target(ask, response)
    if ask.method not in _SAFE and response.status_code not in _KEEP_METHOD:
        raise _refused(ask, response.request.url, "a write as a read")
    headers = dict(ask.headers)
    if _origin(there) != _origin(response.request.url):
        headers.pop("Authorization", None)
    return replace(ask, url=str(there), headers=headers)


def target(ask: Ask, response: httpx.Response) -> httpx.URL:
    """What the Location header points to.

    Raises:
        RegistryError: when it leads from https to http, to this machine, to a link-local address or nowhere.
    """
    here = response.request.url
    try:
        there = here.join(response.headers["location"])
    except (KeyError, httpx.InvalidURL):
        raise _refused(ask, here, "to nowhere") from None
    host = there.netloc.decode("ascii")
    both_loopback = is_loopback(host) and is_loopback(here.netloc.decode("ascii"))
    if there.scheme != "https" and not (there.scheme == "http" and both_loopback):
        raise _refused(ask, here, f"to {there.scheme}, which anybody on the way can read")
    if is_link_local(host) or (is_loopback(host) and not both_loopback):
        raise _refused(ask, here, f"to {host}, where no public registry is")
    return there


def _origin(url: httpx.URL) -> tuple[str, bytes]:
    return url.scheme, url.netloc


def _refused(ask: Ask, here: httpx.URL, how: str) -> RegistryError:
    return RegistryError(
        f"{here.host} redirects {how}",
        where=ask.where,
        fix="Ask the registry's operator; this is not followed.",
    )

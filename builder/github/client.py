"""Requests to GitHub: authorized, page after page, patient with rate limits.

Reads are tried again when GitHub is in trouble. Writes are not: nobody knows whether they were done, and the
next run sees.
"""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Self

import httpx

from builder import __version__
from builder.github.errors import GithubError, refusal, unavailable
from builder.github.settings import Settings
from builder.web.transport import Transport

_PER_PAGE = 100
_MOST_PAGES = 50
_LIMIT = 16 << 20
_SECONDS = {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 30.0}
_LIMITED = frozenset({403, 429})
_OK = 300
_IN_TROUBLE = 500


class Github:
    """One repository at GitHub."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport or Transport()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def repository(self) -> str:
        """OWNER/NAME."""
        return self._settings.repository

    def get(self, path: str, **query: str | int) -> Any:
        """What lies at a path below the repository, as JSON.

        Raises:
            GithubError: when it cannot be had.
        """
        return self._call("GET", self._url(path, query)).json()

    def pages(self, path: str, key: str = "", **query: str | int) -> Iterator[Mapping[str, Any]]:
        """The entries of a list, over all its pages; `key` is where a page that is an object has them."""
        return self._pages(self._url(path, {**query, "per_page": _PER_PAGE}), key)

    def pages_of(self, organization: str, path: str, key: str) -> Iterator[Mapping[str, Any]]:
        """The same of a list below an organization."""
        return self._pages(f"{self._settings.api}/orgs/{organization}{path}?per_page={_PER_PAGE}", key)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Write something, in a single try, and return what GitHub makes of it."""
        return self._call(method, self._url(path, {}), json.dumps(body).encode()).json()

    def _pages(self, url: str, key: str) -> Iterator[Mapping[str, Any]]:
        for _ in range(_MOST_PAGES):
            response = self._call("GET", url)
            data = response.json()
            yield from data[key] if key else data
            url = str(response.links.get("next", {}).get("url", ""))
            if not url:
                return
            if not url.startswith(f"{self._settings.api}/"):
                raise unavailable("its next page is at another host", self._where("GET", url))

    def _url(self, path: str, query: Mapping[str, str | int]) -> str:
        url = httpx.URL(f"{self._settings.api}/repos/{self.repository}{path}")
        return str(url.copy_merge_params(dict(query))) if query else str(url)

    def _call(self, method: str, url: str, body: bytes = b"") -> httpx.Response:
        waited, wait = 0.0, 1.0
        for tried in range(1, self._settings.tries + 1):
            error, asked = None, None
            try:
                response = self._exchange(method, url, body)
                if response.status_code < _OK:
                    return response
                asked = _asked_to_wait(response)
                error = _error(response, self._where(method, url))
            except (httpx.TransportError, OSError) as trouble:
                error = unavailable(f"it cannot be reached: {trouble}", self._where(method, url))
            again = asked is not None or (
                method == "GET" and (not error.status or error.status >= _IN_TROUBLE)
            )
            pause = wait if asked is None else asked
            if not again or tried == self._settings.tries or waited + pause > self._settings.patience:
                raise error
            self._settings.sleep(pause)
            waited, wait = waited + pause, wait * 2
        raise AssertionError("the last try returns or raises")

    def _exchange(self, method: str, url: str, body: bytes) -> httpx.Response:
        request = httpx.Request(
            method,
            url,
            headers={
                "Accept": "application/vnd.github+json",
                "Accept-Encoding": "identity",
                "Authorization": f"Bearer {self._settings.token}",
                "User-Agent": f"cuda-image-builder/{__version__}",
                "X-GitHub-Api-Version": "2022-11-28",
                **({"Content-Type": "application/json"} if body else {}),
            },
            content=body,
            extensions={"timeout": _SECONDS},
        )
        response = self._transport.handle_request(request)
        try:
            content = bytearray()
            for piece in response.iter_raw():
                content += piece
                if len(content) > _LIMIT:
                    raise httpx.ReadError(f"it sends more than {_LIMIT:,} bytes")
        finally:
            response.close()
        return httpx.Response(
            response.status_code, headers=response.headers, content=bytes(content), request=request
        )

    def _where(self, method: str, url: str) -> str:
        return f"{method} {httpx.URL(url).path}"


def _error(response: httpx.Response, where: str) -> GithubError:
    if (asked := _asked_to_wait(response)) is not None:
        return unavailable(f"it limits our requests for {asked:.0f} s", where, response.status_code)
    try:
        body = response.json()
    except ValueError:
        body = None
    return refusal(response.status_code, body, where)


def _asked_to_wait(response: httpx.Response) -> float | None:
    """Seconds until a rate limit ends ("Best practices for using the REST API"); None where there is none."""
    if response.status_code not in _LIMITED:
        return None
    after, left = response.headers.get("retry-after", ""), response.headers.get("x-ratelimit-remaining", "")
    reset = response.headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return float(after[:6])
    if left == "0" and reset.isdecimal():
        return max(0.0, float(reset[:12]) - time.time())
    return None

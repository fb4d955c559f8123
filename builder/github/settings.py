"""Which repository, at which GitHub, with whose token."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from builder.model.errors import BuilderError, ExitCode
from builder.web.hosts import is_loopback

API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """`patience` bounds the seconds that a request waits for a rate limit or an outage, in `tries` tries."""

    repository: str
    token: str = field(repr=False)
    api: str = API
    tries: int = 4
    patience: float = 120.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """What GitHub Actions sets, and GH_TOKEN, the name that GitHub's own program uses.

        Raises:
            BuilderError: (2) without a repository, or with an API that a token must not go to; (21) without a
                token.
        """
        repository = environ.get("GITHUB_REPOSITORY", "")
        if repository.count("/") != 1:
            raise BuilderError(
                ExitCode.MATRIX,
                "no repository on GitHub is named",
                fix="Set GITHUB_REPOSITORY to OWNER/NAME, as GitHub Actions does.",
            )
        token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
        if not token:
            raise BuilderError(
                ExitCode.UNAUTHORIZED,
                "there is no token for GitHub",
                where=repository,
                fix="Set GITHUB_TOKEN; in a workflow it is `${{ github.token }}`.",
            )
        return cls(repository, token, _api(environ.get("GITHUB_API_URL") or API))


def _api(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.netloc)):
        raise BuilderError(
            ExitCode.MATRIX,
            "a token is sent over https only",
            where=f"GITHUB_API_URL={url}",
            fix="Give an https address.",
        )
    return url.rstrip("/")

"""Credentials as values, and where they come from by default."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from builder.registry.auth.docker_config import DockerConfig
from builder.registry.auth.secrets import Credential, Password

# Asked with a registry's host as users write it: docker.io, ghcr.io, 127.0.0.1:5000.
Credentials: TypeAlias = Callable[[str], Credential | None]

# docs.nvidia.com/ngc: every API key goes with this user name.
NGC_USER = "$oauthtoken"


def anonymous(registry: str) -> None:
    """No credentials for anybody."""


@dataclass(frozen=True, slots=True)
class EnvironmentCredentials:
    """Docker's config.json and its helpers; else NGC_API_KEY for nvcr.io and GITHUB_TOKEN for ghcr.io."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def __call__(self, registry: str) -> Credential | None:
        """The login of a registry, None when there is none."""
        return DockerConfig.load(self.environ).credential(registry) or self._token(registry)

    def _token(self, registry: str) -> Credential | None:
        match registry:
            case "nvcr.io" if key := self.environ.get("NGC_API_KEY"):
                return Password(NGC_USER, key, "NGC_API_KEY")
            case "ghcr.io" if token := self.environ.get("GITHUB_TOKEN"):
                return Password(self.environ.get("GITHUB_ACTOR") or "token", token, "GITHUB_TOKEN")
            case _:
                return None

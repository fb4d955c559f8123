"""Registries, by the OCI distribution specification 1.1. Importing this imports no HTTP library yet."""

from builder.registry.auth.credentials import Credentials, EnvironmentCredentials, anonymous
from builder.registry.auth.secrets import Credential, IdentityToken, Password, RegistryToken
from builder.registry.client import Registry
from builder.registry.concurrency import map_concurrently, map_outcomes
from builder.registry.errors import (
    DigestMismatchError,
    NotFoundError,
    RegistryError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from builder.registry.manifest import Manifest
from builder.registry.outcome import Copied, Mounted, Outcome, Present
from builder.registry.requests import RateLimit, Requests
from builder.registry.settings import Retry, Settings

__all__ = [
    "Copied",
    "Credential",
    "Credentials",
    "DigestMismatchError",
    "EnvironmentCredentials",
    "IdentityToken",
    "Manifest",
    "Mounted",
    "NotFoundError",
    "Outcome",
    "Password",
    "Present",
    "RateLimit",
    "Registry",
    "RegistryError",
    "RegistryToken",
    "Requests",
    "Retry",
    "Settings",
    "UnauthorizedError",
    "UnavailableError",
    "UnreachableError",
    "anonymous",
    "map_concurrently",
    "map_outcomes",
]

"""Which token servers may be shown a registry's credentials."""

from collections.abc import Collection
from urllib.parse import urlsplit

from builder.registry.errors import RegistryError
from builder.registry.hosts import DOCKER_HUB_API
from builder.web.hosts import host_name, is_link_local, is_loopback

REALMS_VARIABLE = "BUILDER_TOKEN_REALMS"
_PAIRS = {DOCKER_HUB_API: "auth.docker.io"}


def check_realm(realm: str, api: str, allowed: Collection[str]) -> None:
    """Let `realm` pass as the token server of the registry at host `api`.

    It is https (or both are loopback), not link-local, and its host is the registry's own, its parent, a
    sibling under the same site, a known partner, or one that the user allowed.

    Raises:
        RegistryError: for any other.
    """
    parts = urlsplit(realm)
    host = parts.netloc.rpartition("@")[2]
    both_loopback = is_loopback(host) and is_loopback(api)
    if parts.scheme != "https" and not (parts.scheme == "http" and both_loopback):
        raise _refused(api, host, "is not https")
    if is_link_local(host) or (is_loopback(host) and not both_loopback):
        raise _refused(api, host, "is an address that no public token server has")
    name = host_name(host)
    if not (both_loopback or name in allowed or _PAIRS.get(api) == name or _same_site(name, host_name(api))):
        raise _refused(api, host, "belongs to somebody else than the registry")


def _same_site(one: str, other: str) -> bool:
    """Whether two hosts share their site: `auth.example.com` and `registry.example.com`, not two `co.uk`."""
    if one == other:
        return True
    if not _is_name(one) or not _is_name(other):
        return False
    return _site(one) == _site(other)


def _is_name(host: str) -> bool:
    return not host.rpartition(".")[2].isdecimal() and ":" not in host and "." in host


def _site(host: str) -> tuple[str, ...]:
    labels = host.split(".")
    # Country domains sell their third level: co.uk, com.au, ac.jp.
    public = 2 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 1  # noqa: PLR2004
    return tuple(labels[-public - 1 :])


def _refused(api: str, host: str, why: str) -> RegistryError:
    return RegistryError(
        f"its token server {host[:100]!r} {why}, so it is not asked for a token",
        where=api,
        fix=f"If you trust it with this registry's password, set {REALMS_VARIABLE}={host_name(host)[:100]}.",
    )

"""Connections that fail, as our errors."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from builder.registry.errors import RegistryError, UnavailableError, UnreachableError

_LATER = "Run again later; see the registry's status page."


@contextmanager
def trouble(where: str) -> Iterator[None]:
    """Turn errors of the network inside this block into a RegistryError that names `where`."""
    try:
        yield
    except (httpx.TransportError, httpx.InvalidURL, OSError, OverflowError) as error:
        raise _meaning(error, where) from error


def _meaning(error: Exception, where: str) -> RegistryError:
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return UnreachableError(
            "its certificate is not trusted here",
            where=where,
            fix="Give its authority's file in BUILDER_REGISTRY_CA, or add it to this system's store.",
        )
    name_errors = (cause.errno for cause in causes if isinstance(cause, socket.gaierror))
    if any(number != socket.EAI_AGAIN for number in name_errors):
        return UnreachableError("its host name is not known here", where=where, fix="Check the host's name.")
    match error:
        case httpx.UnsupportedProtocol() | httpx.InvalidURL() | httpx.ProxyError() | OverflowError():
            return UnreachableError(
                f"it cannot be asked: {error}", where=where, fix="Check the URL and the proxy variables."
            )
        case httpx.TimeoutException() | TimeoutError():
            return UnavailableError("it did not answer in time", where=where, fix=_LATER)
        case httpx.ConnectError() | OSError():
            return UnavailableError("it cannot be connected to", where=where, fix=_LATER)
        case _:
            return UnavailableError("the connection broke off", where=where, fix=_LATER)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The chain down to the socket's own error, and no further: a caller may be handling another host's."""
    while error is not None:
        yield error
        error = None if isinstance(error, OSError) else error.__cause__ or error.__context__

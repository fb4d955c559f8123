"""Hosts: the name without its port, and which of them are this machine or off limits."""

import ipaddress
from urllib.parse import urlsplit


def host_name(host: str) -> str:
    """The host without its port, in lower case."""
    return urlsplit(f"//{host}").hostname or ""


def is_loopback(host: str) -> bool:
    """Whether `localhost:5000`, `127.0.0.1` or `[::1]:5000` is this machine by its name alone."""
    name = host_name(host)
    address = _address(name)
    return address.is_loopback if address else name == "localhost" or name.endswith(".localhost")


def is_link_local(host: str) -> bool:
    """Whether the host is an address that only this link knows: cloud metadata services live there."""
    address = _address(host_name(host))
    return address is not None and address.is_link_local


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address

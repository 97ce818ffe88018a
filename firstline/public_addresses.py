"""Keeping requests that administrators point somewhere from reaching what only this machine can reach.

A name is looked up once, what it leads to is checked, and that very address is connected to: nothing changes between.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from aiohttp import TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(OSError):
    """The address belongs to a private network, or to this machine."""


def is_public(address: str) -> bool:
    """Whether everybody on the internet would reach the same machine by this IP address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # IPv4 addresses inside IPv6 ones are judged by themselves.
        inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped or ip.sixtofour
        ip = inside or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def require_public(url: str) -> None:
    """Check an address that is an IP address already, which no resolver gets to see.

    Raises:
        NotPublic: it is not a public one.
    """
    host = urlsplit(url).hostname or ""
    try:
        public = is_public(host)
    except ValueError:
        # A name, which `connector` checks when it is looked up. Numbers such as 127.1 are addresses to the system,
        # and aiohttp does not look them up.
        public = not host.replace(".", "").isdigit()
    if not public:
        raise NotPublic(f"{host} is not a public address")


class _PublicResolver(AbstractResolver):
    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What is public of what the name leads to."""
        found = await self._resolver.resolve(host, port, family)
        public = [result for result in found if is_public(result["host"])]
        if not public:
            raise NotPublic(f"{host} leads to no public address")
        return public

    async def close(self) -> None:
        """Nothing to close but what it is made of."""
        await self._resolver.close()


def connector(*, private: bool) -> TCPConnector:
    """Connections to public addresses only; with `private` to any."""
    if private:
        return TCPConnector(use_dns_cache=False)
    return TCPConnector(use_dns_cache=False, resolver=_PublicResolver())

"""HTTP connections to allowed addresses only.

The check is made where the connection is made: after name resolution, on every redirect,
and what was checked is what is connected to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from shared.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet.

    >>> [is_public(ipaddress.ip_address(a)) for a in ("93.184.215.14", "10.0.0.1", "::1")]
    [True, False, False]
    >>> is_public(ipaddress.ip_address("::ffff:169.254.169.254"))
    False
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def any_address(_address: Address) -> bool:
    """Allow every address."""
    return True


async def resolve(host: str, port: int) -> Sequence[str]:
    """Resolve a host name to its addresses."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class GuardedBackend(httpcore.AnyIOBackend):
    """Connects to allowed addresses only; what was checked is what is connected to."""

    def __init__(self, allowed: Callable[[Address], bool], resolve_host: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve_host

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, connect."""
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"no address for {host}") from error
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        good = next((address for address in addresses if self._allowed(address)), None)
        if good is None:
            found_at = ", ".join(map(str, addresses))
            raise InvalidInput(
                f"{host} is at the private address {found_at}; `vitrine import "
                "--allow-private`, or VITRINE_IMPORT_PRIVATE for feeds that are sent, permits it",
                reason="ADDRESS_PRIVATE",
            )
        return await super().connect_tcp(str(good), port, timeout, local_address, socket_options)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """An httpx transport whose every connection is opened by a guarded backend."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            network_backend=backend,
        )

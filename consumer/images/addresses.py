"""Which addresses may be connected to, and a network backend that connects to no other.

A host name is resolved once, its addresses are checked, and the connection goes to a checked address: a name that
answers differently the second time (DNS rebinding) gains nothing. TLS still asks for the name.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import httpcore

__all__ = ["DEADLINE", "AddressRule", "ForbiddenAddressError", "GuardedBackend", "Resolve", "resolve"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""IP addresses of a host name, in the order in which they should be tried; raises OSError where there are none."""

DEADLINE: ContextVar[float] = ContextVar("DEADLINE")
"""When, on the backend's clock, all network calls of the current fetch must have ended."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What `ipaddress` takes for public: IETF's own and the old 6to4 relays (RFC 6890, 7526), Azure's host agent (metadata
# behind a public address), old site-local addresses (RFC 3879), documentation (RFC 9637).
_NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10", "3fff::/20"))
)


class ForbiddenAddressError(Exception):
    """The host lies at no address that may be connected to."""


class AddressRule:
    """Public addresses may be connected to, and those of the `listed` networks (CIDR); no others."""

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._listed: tuple[Network, ...] = tuple(ipaddress.ip_network(network) for network in listed)

    def allows(self, address: str) -> bool:
        """Whether to connect; what stands in an IPv6 address in the name of an IPv4 one is judged as that."""
        ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        if any(ip in network for network in self._listed):
            return True
        public = ip.is_global and not ip.is_multicast and not ip.is_reserved
        return public and not any(ip in network for network in _NOT_PUBLIC)


def _unwrapped(ip: Address) -> Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def resolve(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to allowed addresses only, and ends every call at the fetch's `DEADLINE`."""

    def __init__(self, rule: AddressRule, monotonic: Callable[[], float], resolve: Resolve = resolve) -> None:
        self._rule, self._monotonic, self._resolve = rule, monotonic, resolve
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError("the name can't be resolved") from error
        failure: Exception = ForbiddenAddressError("every address of the host is private or reserved")
        for address in filter(self._rule.allows, addresses):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _remaining(timeout, self._monotonic), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._monotonic)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """Shortens every time-out to what is left of the fetch, so that no trickle of bytes can stretch it."""

    def __init__(self, stream: httpcore.NetworkStream, monotonic: Callable[[], float]) -> None:
        self._stream, self._monotonic = stream, monotonic

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout, self._monotonic))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(timeout, self._monotonic))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _remaining(timeout, self._monotonic))
        return _DeadlineStream(stream, self._monotonic)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        # Closing alone doesn't wake a thread that reads from it.
        with suppress(OSError):
            self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._stream.close()


def _remaining(timeout: float | None, monotonic: Callable[[], float]) -> float:
    left = DEADLINE.get() - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the fetch has used up its time")
    return left if timeout is None else min(timeout, left)

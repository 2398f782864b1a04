"""Decide which network addresses may be connected to, and connect to exactly those."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from typing import Any

import httpcore

_NEVER_PUBLIC = tuple(
    ip_network(value)
    for value in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "64:ff9b:1::/48")
)
"""Ranges that the standard library calls global and that no website has (RFC 6890, 7526, 3879, 9637, 8215)."""
_CARRIERS = tuple(ip_network(value) for value in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96"))
"""IPv6 ranges whose last 32 bits are an IPv4 address (RFC 6052, RFC 4291 section 2.5.5.1, RFC 2765)."""

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
LookUp = Callable[[str, int], Sequence[str]]


class RefusedAddressError(httpcore.ConnectError):
    """Report a host whose address is private, loopback, link-local or otherwise not public."""


class AllowedNetworks:
    """The ranges that may be connected to although they are not public."""

    def __init__(self, ranges: Iterable[str] = ()) -> None:
        self._networks = tuple(ip_network(value, strict=False) for value in ranges)

    def allows(self, address: str) -> bool:
        """Say whether `address`, a literal one, is public or in an allowed range."""
        ip = _unwrapped(ip_address(address.partition("%")[0]))
        if any(ip in network for network in self._networks):
            return True
        if any(ip in network for network in _NEVER_PUBLIC):
            return False
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address an IPv6 address stands for (mapped, 6to4, translated), else itself."""
    if not isinstance(ip, IPv6Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if any(ip in network for network in _CARRIERS) and int(ip) > 1:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class Deadline(threading.local):
    """The moment, by the monotonic clock, when this thread's fetch must have ended."""

    at = float("inf")

    @property
    def is_over(self) -> bool:
        """Say whether the moment has passed."""
        return time.monotonic() >= self.at

    def cut(self, timeout: float | None) -> float:
        """Return `timeout` shortened to what is left; raise ReadTimeout when nothing is."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole fetch took too long")
        return min(left, timeout if timeout is not None else left)


class CheckedBackend(httpcore.NetworkBackend):
    """Resolve a host once, check every address it has, and connect to a checked one.

    A host name is looked up once a connection, so that its answer cannot change between check and use.
    `allowed` None checks nothing: the way to a configured proxy. `look_up` stands for the system's resolver.
    """

    def __init__(
        self, allowed: AllowedNetworks | None, deadline: Deadline, *, look_up: LookUp | None = None
    ) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._look_up = look_up or system_addresses
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address of `host` that answers."""
        addresses = resolve(host, port, timeout=self._deadline.cut(timeout), look_up=self._look_up)
        for address in addresses:
            if self._allowed is not None and not self._allowed.allows(address):
                raise RefusedAddressError(address)
        problem: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:4]:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._deadline.cut(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                problem = exc
            else:
                return TimedStream(stream, self._deadline)
        raise problem or httpcore.ConnectError(f"{host} has no address")


class TimedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends by the deadline of the fetch that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, at most `max_bytes`."""
        return self._stream.read(max_bytes, self._deadline.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._stream.write(buffer, self._deadline.cut(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the same connection under TLS."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cut(timeout))
        return TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return a fact about the connection, as httpcore asks for it."""
        return self._stream.get_extra_info(info)


class HostNotFoundError(httpcore.ConnectError):
    """Report a host name that has no address."""


def system_addresses(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows of `host`, in its order; raise OSError or UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(host: str, port: int, *, timeout: float, look_up: LookUp = system_addresses) -> Sequence[str]:
    """Return the addresses of `host`, in the resolver's order.

    The system's look-up cannot be interrupted, so it runs in a thread of its own that is left behind when
    `timeout` seconds have passed. Raises HostNotFoundError and httpcore.ConnectTimeout.
    """
    answer: list[Sequence[str]] = []
    problem: list[Exception] = []

    def ask() -> None:
        try:
            answer.append(look_up(host, port))
        except (OSError, UnicodeError) as exc:
            problem.append(exc)

    thread = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(timeout)
    if problem:
        raise HostNotFoundError(str(problem[0])) from problem[0]
    if not answer:
        raise httpcore.ConnectTimeout("the name look-up took too long")
    return answer[0]


def literal_address(host: str) -> str | None:
    """Return the address that `host` writes out, also as a number, octal or shortened (0x7f.1); None for a name."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None

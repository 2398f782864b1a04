"""Decide which network addresses may be connected to, and connect to exactly those."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from ssl import SSLContext
from typing import Any

import httpcore

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


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
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address an IPv6 address stands for (RFC 4291 mapped, RFC 6052, 6to4), else itself."""
    if not isinstance(ip, IPv6Address):
        return ip
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip in ip_network("64:ff9b::/96"):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class Deadline(threading.local):
    """The moment, by the monotonic clock, when this thread's fetch must have ended."""

    at = float("inf")

    def cut(self, timeout: float | None) -> float:
        """Return `timeout` shortened to what is left; raise ReadTimeout when nothing is."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole fetch took too long")
        return min(left, timeout if timeout is not None else left)


class CheckedBackend(httpcore.NetworkBackend):
    """Resolve a host once, check every address it has, and connect to a checked one.

    A host name is never looked up a second time, so that its answer cannot change between check and use.
    """

    def __init__(self, allowed: AllowedNetworks, deadline: Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline
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
        addresses = resolve(host, port, timeout=self._deadline.cut(timeout))
        for address in addresses:
            if not self._allowed.allows(address):
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


def resolve(host: str, port: int, *, timeout: float) -> Sequence[str]:
    """Return the addresses of `host`, in the system's order.

    The system's look-up cannot be interrupted, so it runs in a thread of its own that is left behind when
    `timeout` seconds have passed. Raises HostNotFoundError and httpcore.ConnectTimeout.
    """
    answer: list[list[str]] = []
    problem: list[Exception] = []

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as exc:
            problem.append(exc)

    thread = threading.Thread(target=look_up, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(timeout)
    if problem:
        raise HostNotFoundError(str(problem[0])) from problem[0]
    if not answer:
        raise httpcore.ConnectTimeout("the name look-up took too long")
    return answer[0]

"""Where a request comes from: the network address behind our proxy, and whether another site's page made it."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

Address = IPv4Address | IPv6Address


def client_of(request: Request, trusted: tuple[str, ...]) -> str:
    """Return the address of whoever asks, or nothing where only our own proxy is known.

    A proxy adds whom it speaks to at the end of X-Forwarded-For; what stands before the last address that is no
    proxy of ours is anyone's invention. The header of a peer that is no proxy of ours is not read.
    """
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    peer = request.client.host if request.client else ""
    for text in (peer, *reversed(hops)):
        address = _parsed(text)
        if address is None:
            return ""
        if not _is_trusted(address, trusted):
            return str(address)
    return ""


def block_of(address: str) -> str:
    """Return the network that counts as one asker: /24 of IPv4, /48 of IPv6; nothing for nothing."""
    found = _parsed(address)
    if found is None:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def is_foreign(headers: Headers, hosts: Collection[str]) -> bool:
    """Say whether another site's page makes the browser ask this.

    Browsers say so themselves (Sec-Fetch-Site). Where one does not, Origin must be ours, absent or `null`, which it
    is under our own Referrer-Policy. Nothing hangs on it alone: there is no cookie, and each form that acts for a
    reader stands behind that reader's token.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin", "null")
    return origin != "null" and _host(origin) not in hosts


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _parsed(text: str) -> Address | None:
    """Read an address, with a port or in brackets as some proxies write it, IPv4 within IPv6 as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@lru_cache(maxsize=256)
def _is_trusted(address: Address, trusted: tuple[str, ...]) -> bool:
    return any(address in ip_network(network, strict=False) for network in trusted)

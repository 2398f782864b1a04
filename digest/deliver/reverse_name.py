"""Judge the name of the address that mail is sent from: its PTR record and that name's address must agree.

Large mailboxes refuse mail from addresses without such a name (RFC 1912, section 2.1; Gmail asks it of all senders).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address

import dns.resolver
import dns.reversename

from digest.deliver.domain import find_records

_NOWHERE = ("192.0.2.1", 9)
"""An address of no host: naming it sends nothing, and tells which address of ours would be used."""


def find_names(address: str, *, resolver: dns.resolver.Resolver | None = None) -> list[str]:
    """Look up the names of an address; raise DeliveryError where the DNS does not answer."""
    name = dns.reversename.from_address(address).to_text()
    return [record.target.to_text(omit_final_dot=True) for record in find_records(name, "PTR", resolver)]


def find_addresses(name: str, *, resolver: dns.resolver.Resolver | None = None) -> list[str]:
    """Look up the addresses of a name; raise DeliveryError where the DNS does not answer."""
    return [record.address for kind in ("A", "AAAA") for record in find_records(name, kind, resolver)]


def own_address() -> str | None:
    """Return the address this machine sends from; None where that is not the one that others see, or none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as line:
        try:
            line.connect(_NOWHERE)
        except OSError:
            return None
        address = str(line.getsockname()[0])
    return address if ip_address(address).is_global else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """How names and addresses of hosts are looked up."""

    find_names: Callable[[str], Sequence[str]] = find_names
    find_addresses: Callable[[str], Sequence[str]] = find_addresses
    own_address: Callable[[], str | None] = own_address


def judge_address(address: str, hosts: Hosts) -> str | None:
    """Say what is amiss with the name of an address that sends mail; None where it is sound."""
    names = hosts.find_names(address)
    if not names:
        return (
            f"{address} has no name in the DNS (PTR), and Gmail and others refuse mail from such addresses. "
            "Have whoever gave you the address set one, such as mail.YOUR-DOMAIN, and publish the address at that "
            "name (A or AAAA)."
        )
    ours = ip_address(address)
    if not any(ip_address(found) == ours for name in names for found in hosts.find_addresses(name)):
        return (
            f"{address} calls itself {names[0]} (PTR), but that name has another address or none. "
            f"Publish at {names[0]} the {'A' if ours.version == 4 else 'AAAA'} record '{address}'."
        )
    return None

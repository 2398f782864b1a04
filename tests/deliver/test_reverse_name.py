"""The name of the address that sends is judged by what the DNS really answers."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address

import dns.resolver

from digest.deliver.reverse_name import Hosts, find_addresses, find_names, judge_address, own_address
from tests.deliver.test_domain import name_server

ZONE = {
    "PTR 1.2.0.192.in-addr.arpa": ["mail.dose.press."],
    "PTR 2.2.0.192.in-addr.arpa": ["mail.dose.press."],
    "A mail.dose.press": ["192.0.2.1"],
    "PTR 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": ["six.dose.press."],
    "AAAA six.dose.press": ["2001:db8:0::1"],
}


def hosts_at(resolver: dns.resolver.Resolver) -> Hosts:
    return Hosts(
        find_names=partial(find_names, resolver=resolver),
        find_addresses=partial(find_addresses, resolver=resolver),
    )


def test_a_name_and_its_address_must_agree() -> None:
    with name_server(ZONE) as resolver:
        hosts = hosts_at(resolver)

        assert judge_address("192.0.2.1", hosts) is None
        assert judge_address("2001:db8::1", hosts) is None
        other = judge_address("192.0.2.2", hosts)
        nameless = judge_address("192.0.2.3", hosts)

    assert other is not None and "Publish at mail.dose.press the A record '192.0.2.2'" in other
    assert nameless is not None and "has no name" in nameless


def test_our_own_address_is_told_only_where_others_see_it() -> None:
    found = own_address()

    assert found is None or ip_address(found).is_global

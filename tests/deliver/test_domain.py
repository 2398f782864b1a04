"""What a sender's domain publishes is judged rightly, and a DNS that does not answer is told apart from no record."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from digest.deliver.domain import find_txt, is_reserved, judge_dkim, judge_dmarc, judge_domain, judge_spf
from digest.errors import DeliveryError


@contextmanager
def name_server(records: Mapping[str, list[str]]) -> Iterator[dns.resolver.Resolver]:
    """Answer questions over UDP on loopback; yield a resolver that asks there.

    `records` are by name (TXT) or by kind and name (`A mail.dose.press`), as text in a zone file has them.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        port = int(line.getsockname()[1])

        def answer() -> None:
            while (received := line.recvfrom(4096))[0] != b"stop":
                question = dns.message.from_wire(received[0])
                reply = dns.message.make_response(question)
                name = str(question.question[0].name).rstrip(".")
                kind = dns.rdatatype.to_text(question.question[0].rdtype)
                asked = name if kind == "TXT" else f"{kind} {name}"
                if asked in records:
                    reply.answer = [
                        dns.rrset.from_text_list(f"{name}.", 60, "IN", kind, records[asked])
                        for _ in records[asked][:1]
                    ]
                else:
                    reply.set_rcode(dns.rcode.NXDOMAIN)
                line.sendto(reply.to_wire(), received[1])

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield resolver_at(port)
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"stop", ("127.0.0.1", port))
            thread.join()


def resolver_at(port: int) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = port
    return resolver


def test_text_records_are_found_and_joined() -> None:
    with name_server({"dose.press": ['"v=spf1 -all"', '"v=DKIM1; p=AA" "BB"'], "bare.press": []}) as resolver:
        assert sorted(find_txt("dose.press", resolver=resolver)) == ["v=DKIM1; p=AABB", "v=spf1 -all"]
        assert find_txt("bare.press", resolver=resolver) == []
        assert find_txt("nobody.press", resolver=resolver) == []


def test_a_server_that_does_not_answer_is_no_missing_record() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))

        with pytest.raises(DeliveryError, match="did not answer"):
            find_txt("dose.press", resolver=resolver_at(deaf.getsockname()[1]))


def test_a_machine_without_a_resolver_is_no_missing_record() -> None:
    with pytest.raises(DeliveryError, match="network"):
        find_txt("dose.press", resolver=dns.resolver.Resolver(configure=False))


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (["v=spf1 include:mail.example ~all"], None),
        (["V=SPF1 -all", "another=record"], None),
        (["v=spf1"], None),
        ([], "no SPF record"),
        (["v=spf10 -all"], "no SPF record"),
        (["v=spf1 -all", "v=spf1 ~all"], "2 SPF records"),
        (["v=spf1 +all"], "lets everyone"),
        (["v=spf1 a all"], "lets everyone"),
    ],
)
def test_spf_is_judged(records: list[str], told: str | None) -> None:
    check(judge_spf("dose.press", records), told)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (["v=DMARC1; p=none"], None),
        (["v=DMARC1;p=Reject;rua=mailto:d@dose.press"], None),
        ([], "no DMARC record"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 DMARC records"),
        (["v=DMARC1; rua=mailto:d@dose.press"], "names no policy"),
        (["v=DMARC1; p=perhaps"], "names no policy"),
    ],
)
def test_dmarc_is_judged(records: list[str], told: str | None) -> None:
    check(judge_dmarc("dose.press", records), told)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (["v=DKIM1; k=rsa; p=MIIB"], None),
        (["p=MIIB"], None),
        ([], "no DKIM key"),
        (["v=DKIM1; p="], "revoked"),
    ],
)
def test_dkim_is_judged(records: list[str], told: str | None) -> None:
    check(judge_dkim("s1._domainkey.dose.press", records), told)


def test_a_subdomain_takes_the_policy_of_the_domain_above_it() -> None:
    zone = {"_dmarc.dose.press": ["v=DMARC1; p=reject"], "news.dose.press": ["v=spf1 -all"]}

    told = judge_domain("news.dose.press", selector="", look_up=lambda name: zone.get(name, []))

    assert told == {"SPF": None, "DMARC": None}


def test_a_top_level_domain_is_never_asked() -> None:
    asked: list[str] = []

    def look_up(name: str) -> list[str]:
        asked.append(name)
        return []

    told = judge_domain("news.dose.press", selector="s1", look_up=look_up)

    assert asked == [
        "news.dose.press",
        "_dmarc.news.dose.press",
        "_dmarc.dose.press",
        "s1._domainkey.news.dose.press",
    ]
    assert all(told.values())


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.org", True),
        ("mail.example.com", True),
        ("dose.example", True),
        ("localhost", True),
        ("dose.press", False),
        ("myexample.org", False),
    ],
)
def test_domains_for_examples_are_known(domain: str, expected: bool) -> None:
    assert is_reserved(domain) is expected


def check(told: str | None, expected: str | None) -> None:
    if expected is None:
        assert told is None
    else:
        assert told is not None
        assert expected in told

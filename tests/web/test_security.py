"""What a hostile page, proxy header, address or form tries is refused, and leads nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from digest import app
from digest.deliver.links import Purpose
from digest.deliver.sink import Sink, open_sink
from digest.mailbox import parse_mailbox
from digest.store.signing_up import Asking
from digest.web.origin import block_of, client_of, is_foreign
from tests.acceptance.conftest import wait_for
from tests.web.conftest import ADDRESS, READER, Served, serving

FORM = "application/x-www-form-urlencoded"
FOREIGN = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "cross-site", "Origin": ADDRESS},
    {"Origin": "https://evil.example"},
    {"Origin": "https://news.example.evil.example"},
    {"Origin": "https://news.example@evil.example"},
    {"Origin": "https://["},
]
OURS: list[dict[str, str]] = [
    {},
    {"Sec_Fetch_Site": "same-origin", "Origin": "null"},
    {"Sec_Fetch_Site": "none"},
    {"Origin": ADDRESS},
    {"Origin": "null"},
]
LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with open_sink() as made:
        yield made


@pytest.fixture
def mailing_site(tmp_path: Path, sink: Sink) -> Iterator[Served]:
    with serving(tmp_path, more=f"[smtp]\nport = {sink.port}") as made:
        yield made


def links(served: Served) -> dict[str, str]:
    """Return the path of each form that a POST acts on, but the one-click's."""
    asked_at = app.now()
    mailbox = parse_mailbox("asks@example.org")
    asking = Asking(newsletter="daily", mailbox=mailbox, wording="", came_from="", block="")
    served.site.stores.mailing.ask(asking, now=asked_at)
    token = served.site.signer.sign(Purpose.CONFIRM, f"2-{int(asked_at.timestamp())}")
    return {
        "p": served.link(served.site.stores.mailing.add("daily", READER, consent="asked", now=asked_at), "p"),
        "c": f"/c/{token}",
        "subscribe": "/subscribe/daily",
    }


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_on_another_site_does_nothing_here(served: Served, headers: dict[str, str]) -> None:
    served.add_reader()

    answers = [
        served.fill(path, {"act": "leave", "address": "eve@example.org"}, **headers)
        for path in links(served).values()
    ]

    assert {answer.status for answer in answers} == {403}
    active = served.site.stores.mailing.list_subscribers("daily")
    assert {(one.address, str(one.state)) for one in active} == {
        (READER, "active"),
        ("asks@example.org", "pending"),
    }


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_ours_is_answered_whatever_the_browser_tells(
    served: Served, headers: dict[str, str]
) -> None:
    served.add_reader()

    answers = {
        name: served.fill(path, {"act": "save", "newsletter": "daily", "address": "x@example.org"}, **headers)
        for name, path in links(served).items()
    }

    assert {name: answer.status for name, answer in answers.items()} == {"p": 200, "c": 200, "subscribe": 200}


def test_a_mailboxs_one_click_comes_from_wherever_it_likes(served: Served) -> None:
    link = served.link(served.add_reader())

    answer = served.fill(
        link,
        {"List-Unsubscribe": "One-Click"},
        Origin="https://mail.example",
        Sec_Fetch_Site="cross-site",
    )

    assert answer.status == 200
    assert not served.is_reader()


def test_no_page_sets_a_cookie_and_none_about_readers_is_kept_in_a_cache(served: Served) -> None:
    reader = served.add_reader()
    paths = [*links(served).values(), served.link(reader), "/u/", "/p/", "/c/", "/u/wrong", "/c/wrong"]

    answers = [served.ask(path) for path in paths] + [served.fill(path, {"act": "save"}) for path in paths]

    assert {answer.headers.get("cache-control") for answer in answers} == {"no-store"}
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_links_in_mails_are_of_the_public_address_whatever_host_was_asked(
    mailing_site: Served, sink: Sink
) -> None:
    fields = {"address": READER}
    evil = {
        "X_Forwarded_Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X_Original_URL": "//evil.example",
    }

    refused = mailing_site.fill("/subscribe/daily", fields, Host="evil.example")
    taken = mailing_site.fill("/subscribe/daily", fields, Host="localhost", **evil)

    wait_for(lambda: sink.messages)
    assert (refused.status, taken.status) == (403, 200)
    assert len(sink.messages) == 1
    assert f"{ADDRESS}/c/".encode() in sink.messages[0][1].replace(b"=\r\n", b"")
    assert b"evil" not in sink.messages[0][1]
    assert "evil" not in taken.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/subscribe/daily/",
        "/subscribe/daily/?next=https://evil.example",
        "/subscribe//evil.example/",
        "/subscribe/%2F%2Fevil.example/",
        "/?url=//evil.example",
        "/c/?next=//evil.example",
        "/\\evil.example",
        "/subscribe/daily/%0d%0aLocation:%20https://evil.example",
    ],
)
def test_no_address_leads_to_another_site(served: Served, path: str) -> None:
    answer = served.ask(path)

    location = answer.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", b"address=ada@example.org", 415),
        ("application/json", b'{"address": "ada@example.org"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        (FORM, b"address=\xff\xfe", 400),
        (FORM, b"&".join(b"a=1" for _ in range(1000)), 400),
        (FORM, b"address=%FF%FE%00", 422),
        (FORM, b"", 422),
    ],
)
def test_a_body_that_no_form_of_ours_sends_is_refused(
    served: Served, content_type: str, body: bytes, status: int
) -> None:
    assert served.ask("/subscribe/daily", "POST", body=body, content_type=content_type).status == status


def made_request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", ["1.1.1.1, 192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", ["1.1.1.1", "192.0.2.7, 127.0.0.1"], "192.0.2.7"),
        ("127.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("127.0.0.1", ["192.0.2.7:51123"], "192.0.2.7"),
        ("127.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("127.0.0.1", [], ""),
        ("127.0.0.1", ["192.0.2.7, unknown"], ""),
        ("192.0.2.9", ["1.1.1.1"], "192.0.2.9"),
    ],
)
def test_who_asks_is_told_by_our_own_proxy_alone(peer: str, forwarded: list[str], client: str) -> None:
    assert client_of(made_request(peer, *forwarded), LOOPBACK) == client


@pytest.mark.parametrize(
    ("address", "block"),
    [("192.0.2.7", "192.0.2.0/24"), ("2001:db8:1:2::7", "2001:db8:1::/48"), ("", ""), ("x", "")],
)
def test_a_network_counts_as_one_asker(address: str, block: str) -> None:
    assert block_of(address) == block


def test_a_browsers_own_word_counts_more_than_the_origin() -> None:
    headers = Headers({"sec-fetch-site": "cross-site", "origin": ADDRESS})

    assert is_foreign(headers, {"news.example"})

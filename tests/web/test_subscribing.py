"""A form, a mail, a button: nobody is a reader before the last, and no answer tells who is one already."""

from __future__ import annotations

import logging
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from digest import app
from digest.deliver.links import Purpose
from digest.deliver.sink import Sink, open_sink
from digest.mailbox import parse_mailbox
from digest.model import SubscriberState
from digest.store.signing_up import A_BLOCK, VALID, Asking
from digest.web.posting import post_due
from tests.acceptance.conftest import wait_for
from tests.deliver.servers import free_port
from tests.web.conftest import ADDRESS, NOW, READER, Answer, Served, serving

PAGE = "/subscribe/daily"
CONSENT = "Yes, send me The Daily Dose, <free> & daily."


@contextmanager
def signing_up(folder: Path, *, newsletter: str = "", more: str = "") -> Iterator[tuple[Served, Sink]]:
    """Serve a site that mails through a real SMTP server."""
    with open_sink() as sink:
        mail = f"[smtp]\nport = {sink.port}\n{more}"
        with serving(folder, newsletter=newsletter, more=mail) as served:
            yield served, sink


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Served, Sink]]:
    with signing_up(tmp_path, newsletter=f'consent_text = "{CONSENT}"') as made:
        yield made


def sign_up(served: Served, address: str = READER, **more: str) -> Answer:
    fields = {"address": address, "name": "Ada"} | more
    return served.fill(PAGE, fields, X_Forwarded_For="192.0.2.7")


def mail_of(sink: Sink, number: int = 0) -> EmailMessage:
    wait_for(lambda: len(sink.messages) > number)
    message = message_from_bytes(sink.messages[number][1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def link_in(message: EmailMessage) -> str:
    found = re.search(rf"{ADDRESS}(/[cp]/\S+)", message.get_content())
    assert found is not None
    return found[1]


def consents(served: Served, address: str = READER) -> list[dict[str, Any]]:
    (held,) = served.site.stores.mailing.held_on(address)["subscriptions"]
    return list(held["consents"])


# --- the way in ----------------------------------------------------------------------------------


def test_a_reader_signs_up_and_what_they_agreed_to_is_kept_word_for_word(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    form = served.ask(PAGE)
    assert CONSENT in form.page.text_content()
    assert {one.label.text for one in form.page.forms[0].inputs if one.get("type") == "email"} == {
        "Your email address"
    }

    answer = sign_up(served)
    message = mail_of(sink)
    link = link_in(message)
    shown = served.ask(link)
    before = served.is_reader()
    confirmed = served.ask(link, "POST", X_Forwarded_For="198.51.100.9")

    assert answer.status == 200
    assert "Look into your mailbox" in answer.text
    assert message["To"] == READER
    assert message["Auto-Submitted"] == "auto-generated"
    assert CONSENT in message.get_content()
    assert CONSENT in shown.page.text_content()
    assert not before
    assert "You are subscribed" in confirmed.text
    assert served.is_reader()
    asked, given = consents(served)
    assert (asked["wording"], asked["came_from"]) == (CONSENT, "192.0.2.7")
    assert (given["wording"], given["came_from"]) == (CONSENT, "198.51.100.9")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_mailed_link_confirms_nothing(desk: tuple[Served, Sink], method: str) -> None:
    served, sink = desk
    sign_up(served)
    link = link_in(mail_of(sink))

    answers = [served.ask(link, method) for _ in range(3)]

    assert {answer.status for answer in answers} == {200}
    assert not served.is_reader()


def test_confirming_twice_is_the_same_as_once(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    sign_up(served)
    link = link_in(mail_of(sink))

    first, second = served.ask(link, "POST"), served.ask(link, "POST")

    assert (first.status, first.body) == (second.status, second.body)
    assert served.is_reader()
    assert len(consents(served)) == 2


def test_a_link_is_spent_after_seven_days_and_after_leaving(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    mailing = served.site.stores.mailing
    old = app.now() - VALID - timedelta(minutes=1)
    asking = Asking(
        newsletter="daily", mailbox=parse_mailbox("old@example.org"), wording="", came_from="", block=""
    )
    mailing.ask(asking, now=old)
    token = served.site.signer.sign(Purpose.CONFIRM, f"1-{int(old.timestamp())}")
    sign_up(served)
    link = link_in(mail_of(sink))
    served.ask(link, "POST")
    mailing.remove("daily", READER, now=app.now())

    answers = [served.ask(path, method) for path in (f"/c/{token}", link) for method in ("GET", "POST")]

    assert {answer.status for answer in answers} == {410}
    assert "expired" in answers[0].text
    assert not served.is_reader()


def test_a_token_of_a_store_since_restored_confirms_nobody_else(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    sign_up(served)
    mail_of(sink)
    other = served.site.signer.sign(Purpose.CONFIRM, f"1-{int(NOW.timestamp()) - 5}")

    assert served.ask(f"/c/{other}", "POST").status == 404
    assert not served.is_reader()


def test_no_token_opens_what_another_was_made_for(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    reader = served.add_reader()
    sign_up(served, "new@example.org")
    tokens = {
        "u": served.link(reader).rpartition("/")[2],
        "p": served.link(reader, "p").rpartition("/")[2],
        "c": link_in(mail_of(sink)).rpartition("/")[2],
    }
    forged = ["1.", "1." + "A" * 32, tokens["p"][:-1] + "!", tokens["c"] + "A", "%00", "1-1", "x" * 200]
    wrong = [(kind, token) for kind in tokens for name, token in tokens.items() if name != kind]
    wrong += [(kind, token) for kind in tokens for token in forged]

    answers = [served.ask(f"/{kind}/{token}") for kind, token in wrong]
    posted = [served.fill(f"/{kind}/{token}", {"act": "leave"}) for kind, token in wrong]

    assert {answer.status for answer in answers + posted} == {404}
    assert len({answer.body for answer in answers}) == 1
    assert served.site.stores.mailing.count_active("daily") == 1


# --- what is told --------------------------------------------------------------------------------


def make_known(served: Served) -> dict[str, str]:
    """Return an address of each kind that the form may be filled with."""
    mailing = served.site.stores.mailing
    found = {
        name: f"{name}@example.org"
        for name in ("new", "active", "left", "erased", "pending", "complained", "bounced")
    }
    for name in ("active", "left", "erased", "complained", "bounced"):
        mailing.add("daily", found[name], consent="asked", now=NOW)
    mailing.remove("daily", found["left"], now=NOW)
    mailing.erase("", found["erased"], now=NOW)
    mailing.add("daily", found["pending"], consent="asked", now=NOW, state=SubscriberState.PENDING)
    with served.site.stores.engine.begin() as connection:
        for name in ("complained", "bounced"):
            connection.execute(
                sql("UPDATE subscribers SET state = :state WHERE address = :address"),
                {"state": name, "address": found[name]},
            )
    return found


def test_the_answer_is_the_same_whoever_is_asked_for(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    addresses = make_known(served)

    answers = [sign_up(served, address) for address in addresses.values()]
    again = sign_up(served, addresses["new"])
    trapped = sign_up(served, "trapped@example.org", topic="cheap pills")

    whole = {
        (one.status, one.body, tuple(sorted((k, v) for k, v in one.headers.items() if k != "date")))
        for one in (*answers, again, trapped)
    }
    assert len(whole) == 1
    wait_for(lambda: len(sink.messages) == 5)
    subjects = {
        to.partition("@")[0]: message_from_bytes(content, policy=policy.default)["Subject"]
        for to, content in sink.messages
    }
    confirm = "Please confirm: The Daily Dose"
    assert subjects == {
        "new": confirm,
        "left": confirm,
        "erased": confirm,
        "pending": confirm,
        "active": "You already receive The Daily Dose",
    }
    assert served.site.stores.mailing.find("daily", "trapped@example.org") is None


def test_the_answer_takes_the_same_time_whoever_is_asked_for(desk: tuple[Served, Sink]) -> None:
    """Medians of interleaved requests, each from a network of its own; the mail is not waited for."""
    served, _ = desk
    mailing = served.site.stores.mailing
    for number in range(25):
        mailing.add("daily", f"known{number}@example.org", consent="asked", now=NOW)
        mailing.add("daily", f"gone{number}@example.org", consent="asked", now=NOW)
    with served.site.stores.engine.begin() as connection:
        connection.execute(sql("UPDATE subscribers SET state = 'complained' WHERE address LIKE 'gone%'"))
    times: dict[str, list[float]] = {"known": [], "gone": [], "new": []}

    for number in range(25):
        for kind, taken in times.items():
            started = time.perf_counter()
            served.fill(
                PAGE, {"address": f"{kind}{number}@example.org"}, X_Forwarded_For=f"10.{number}.{len(kind)}.1"
            )
            taken.append(time.perf_counter() - started)

    medians = [statistics.median(taken) for taken in times.values()]
    assert max(medians) < 2 * min(medians) + 0.01, times


def test_an_active_reader_finds_the_preferences_in_the_mail(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    served.add_reader()

    sign_up(served)

    link = link_in(mail_of(sink))
    assert link.startswith("/p/")
    assert served.ask(link).status == 200


def test_the_mail_holds_nothing_that_a_stranger_typed(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    name = "Buy at http://evil.example\r\nBcc: eve@example.org\r\n\r\nhello"

    answer = sign_up(served, name=name)

    message = mail_of(sink)
    assert answer.status == 200
    assert b"evil" not in sink.messages[0][1]
    assert message["Bcc"] is None
    assert [to for to, _ in sink.messages] == [READER]
    found = served.site.stores.mailing.find("daily", READER)
    assert found is not None
    assert "\n" not in found.name


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org, eve@example.org",
        "<ada@example.org>",
        '"ada\r\n"@example.org',
        "ada@example.org\x00",
        "a" * 400 + "@example.org",
        '"><script>alert(1)</script>@example.org',
    ],
)
def test_what_is_no_address_is_shown_again_and_nothing_is_kept(
    desk: tuple[Served, Sink], address: str
) -> None:
    served, sink = desk

    answer = sign_up(served, address, name="<b>Ada")

    assert answer.status == 422
    assert answer.found("//*[@role='alert']/text()") == [
        "This is no email address we can send to. Check its spelling."
    ]
    assert "<script" not in answer.text
    assert "<b>" not in answer.text
    assert answer.found("//input[@id='name']/@value") == ["<b>Ada"]
    assert sink.messages == []


# --- limits and trouble --------------------------------------------------------------------------


def test_a_mailbox_is_mailed_once_and_a_network_is_slowed_down(desk: tuple[Served, Sink]) -> None:
    served, sink = desk

    first = [sign_up(served) for _ in range(3)]
    rest = [sign_up(served, f"r{number}@example.org") for number in range(A_BLOCK.most)]
    invented = served.fill(
        PAGE, {"address": "x@example.org"}, X_Forwarded_For="203.0.113.1, 8.8.8.8, 192.0.2.99, 127.0.0.1"
    )
    elsewhere = served.fill(PAGE, {"address": "y@example.org"}, X_Forwarded_For="203.0.113.1")

    assert {one.status for one in first} == {200}
    assert [one.status for one in rest].count(429) == 3
    assert rest[-1].headers["retry-after"] == "3600"
    assert invented.status == 429
    assert elsewhere.status == 200
    wait_for(lambda: len(sink.messages) == A_BLOCK.most - 1)
    assert [to for to, _ in sink.messages].count(READER) == 1


def test_a_mail_that_cannot_be_sent_now_waits_and_nobody_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(tmp_path, more=f"[smtp]\nport = {free_port()}") as served:
        answer = sign_up(served)
        wait_for(lambda: "waits" in caplog.text)
        served.ask("/c/1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "POST")

        (letter,) = served.site.stores.mailing.take_letters(now=app.now() + timedelta(minutes=5))

    assert answer.status == 200
    assert letter.tries == 2
    assert "ada" not in caplog.text.casefold()
    assert "192.0.2.7" not in caplog.text
    assert "AAAA" not in caplog.text


def test_what_waits_is_sent_when_the_server_is_back(desk: tuple[Served, Sink]) -> None:
    served, sink = desk
    asking = Asking(
        newsletter="daily", mailbox=parse_mailbox(READER), wording=CONSENT, came_from="", block=""
    )
    served.site.stores.mailing.ask(asking, now=app.now())

    post_due(served.site)
    post_due(served.site)

    assert [to for to, _ in sink.messages] == [READER]


def test_our_own_trouble_in_sending_is_logged_and_ends_nothing(
    desk: tuple[Served, Sink], caplog: pytest.LogCaptureFixture
) -> None:
    served, _ = desk
    with served.site.stores.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE confirmations RENAME TO elsewhere"))

    post_due(served.site)

    assert "could not be sent" in caplog.text


# --- whose and in which words --------------------------------------------------------------------


def test_a_newsletter_says_what_is_agreed_to_in_its_own_language(tmp_path: Path) -> None:
    with signing_up(tmp_path, newsletter='language = "de"') as (served, sink):
        form = served.ask(PAGE)
        sign_up(served)
        message = mail_of(sink)

    assert '<html lang="de" dir="ltr">' in form.text
    assert "Ich möchte The Daily Dose per E-Mail erhalten." in form.text
    assert message["Subject"] == "Bitte bestätigen: The Daily Dose"
    assert "Ich möchte The Daily Dose per E-Mail erhalten." in message.get_content()


def test_a_newsletter_may_keep_its_door_shut(tmp_path: Path) -> None:
    with signing_up(tmp_path, newsletter="sign_up = false") as (served, sink):
        answers = [served.ask(PAGE), served.ask("/subscribe/other"), sign_up(served)]

        assert {answer.status for answer in answers} == {404}
        assert "/subscribe/" not in served.ask("/archive/daily/").text
        assert sink.messages == []


def test_without_a_public_address_there_is_no_form(tmp_path: Path) -> None:
    with serving(tmp_path, public_url="") as served:
        assert served.ask(PAGE).status == 404


def test_the_archive_leads_to_the_form(tmp_path: Path) -> None:
    with serving(tmp_path, public_url=f"{ADDRESS}/news") as served:
        (link,) = served.ask("/news/archive/daily/").found("//a[contains(@href, 'subscribe')]/@href")

        assert link == "/news/subscribe/daily"
        assert served.ask(link).found("//form/@action") == [link]

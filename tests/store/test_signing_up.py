"""Asking, confirming, choosing, importing, erasing and telling, on both engines."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from digest.mailbox import parse_mailbox
from digest.model import DeliveryEvent, DeliveryState, EditionName, EventKind, SubscriberState
from digest.store.database import reading
from digest.store.mailing import Mailing
from digest.store.persons import Choices
from digest.store.signing_up import A_BLOCK, A_MAILBOX, FORGOTTEN, VALID, Asking, AskState
from digest.store.tables import attempts, consents, subscribers

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))
ADA, GRACE = "ada@example.org", "grace@example.org"
WORDS = "I want to receive The Daily Dose."
FORM = Asking(
    newsletter="daily",
    mailbox=parse_mailbox(f"Ada <{ADA}>"),
    wording=WORDS,
    came_from="192.0.2.7",
    block="192.0.2.0/24",
)


@pytest.fixture
def mailing(engine: Engine) -> Mailing:
    return Mailing(engine, secret=lambda: b"a secret of the tests, long enough")


def state(mailing: Mailing, address: str = ADA, newsletter: str = "daily") -> SubscriberState | None:
    found = mailing.find(newsletter, address)
    return found.state if found is not None else None


def form_of(address: str, newsletter: str = "daily", block: str = "192.0.2.0/24") -> Asking:
    return replace(FORM, mailbox=parse_mailbox(address), newsletter=newsletter, block=block)


def choices(*wanted: str, offered: tuple[str, ...] = ("daily", "weekly")) -> Choices:
    return Choices(
        wanted={name: f"words of {name}" for name in wanted},
        offered=offered,
        time_zone="Asia/Tokyo",
        language="ja",
        plain_text=True,
    )


# --- asking and confirming -----------------------------------------------------------------------


def test_who_asks_is_pending_until_they_confirm_and_both_are_kept_word_for_word(mailing: Mailing) -> None:
    assert mailing.ask(FORM, now=NOW)
    assert state(mailing) is SubscriberState.PENDING
    (letter,) = mailing.take_letters(now=NOW)

    confirmed = mailing.confirm(letter.ask, came_from="198.51.100.9", now=LATER)

    assert confirmed is not None
    assert confirmed.state is AskState.DONE
    assert state(mailing) is SubscriberState.ACTIVE
    (held,) = mailing.held_on(ADA)["subscriptions"]
    asked, answered = held["consents"]
    assert (asked["act"], asked["wording"], asked["came_from"], asked["given_at"]) == (
        "asked",
        WORDS,
        "192.0.2.7",
        NOW,
    )
    assert asked["wording_hash"] == sha256(WORDS.encode()).hexdigest()
    assert (answered["act"], answered["how"], answered["wording"]) == ("confirmed", "link", WORDS)
    assert (answered["came_from"], answered["given_at"]) == ("198.51.100.9", LATER)
    assert NOW.isoformat() in answered["proof"]
    assert held["name"] == "Ada"


def test_confirming_twice_is_the_same_as_once(mailing: Mailing) -> None:
    mailing.ask(FORM, now=NOW)
    (letter,) = mailing.take_letters(now=NOW)

    first = mailing.confirm(letter.ask, came_from="", now=LATER)
    second = mailing.confirm(letter.ask, came_from="", now=LATER + timedelta(hours=1))

    assert first == second
    assert len(mailing.held_on(ADA)["subscriptions"][0]["consents"]) == 2


def test_an_old_link_confirms_nothing(mailing: Mailing) -> None:
    mailing.ask(FORM, now=NOW)
    (letter,) = mailing.take_letters(now=NOW)

    found = mailing.confirm(letter.ask, came_from="", now=NOW + VALID)

    assert found is not None
    assert found.state is AskState.SPENT
    assert state(mailing) is SubscriberState.PENDING


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_link_never_undoes_a_later_leaving(mailing: Mailing, is_confirmed: bool) -> None:
    mailing.ask(FORM, now=NOW)
    (letter,) = mailing.take_letters(now=NOW)
    if is_confirmed:
        mailing.confirm(letter.ask, came_from="", now=NOW)
    mailing.remove("daily", ADA, now=LATER)

    mailing.confirm(letter.ask, came_from="", now=LATER + timedelta(minutes=1))

    assert state(mailing) is SubscriberState.LEFT


def test_who_left_comes_back_by_confirming_and_by_asking_alone_does_not(mailing: Mailing) -> None:
    mailing.add("daily", ADA, consent="asked", now=NOW - timedelta(days=2))
    mailing.remove("daily", ADA, now=NOW - timedelta(days=1))

    mailing.ask(FORM, now=NOW)
    assert state(mailing) is SubscriberState.LEFT
    (letter,) = mailing.take_letters(now=NOW)
    mailing.confirm(letter.ask, came_from="", now=LATER)

    assert state(mailing) is SubscriberState.ACTIVE
    assert mailing.fill(EDITION, domain="example.org", now=LATER) == 1


def test_a_pending_reader_who_was_suppressed_stays_so_until_they_confirm(
    mailing: Mailing, tmp_path: Path
) -> None:
    mailing.add("daily", ADA, consent="asked", now=NOW - timedelta(days=2))
    mailing.erase("", ADA, now=NOW - timedelta(days=1))
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{ADA}\n")

    mailing.ask(FORM, now=NOW)
    assert mailing.import_csv(file, "daily", now=NOW).added == 0
    (letter,) = mailing.take_letters(now=NOW)
    mailing.confirm(letter.ask, came_from="", now=LATER)

    assert mailing.fill(EDITION, domain="example.org", now=LATER) == 1


def test_an_active_reader_is_told_so_by_mail_and_stays_one(mailing: Mailing) -> None:
    mailing.add("daily", ADA, name="Ada", consent="asked", now=NOW)

    mailing.ask(replace(FORM, mailbox=parse_mailbox(f"Eve <{ADA}>")), now=LATER)

    (letter,) = mailing.take_letters(now=LATER)
    found = mailing.find("daily", ADA)
    assert letter.kind == "known"
    assert found is not None
    assert (found.state, found.name, found.consent) == (SubscriberState.ACTIVE, "Ada", "asked")


@pytest.mark.parametrize("stopped", ["bounced", "complained"])
def test_who_complained_or_bounced_gets_no_mail_through_the_form(
    mailing: Mailing, engine: Engine, stopped: str
) -> None:
    mailing.add("daily", ADA, consent="asked", now=NOW)
    with engine.begin() as connection:
        connection.execute(subscribers.update().values(state=stopped))

    assert mailing.ask(FORM, now=LATER)

    assert mailing.take_letters(now=LATER) == []


def test_who_complained_and_was_erased_gets_no_mail_through_the_form(
    mailing: Mailing, tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    file.write_text(f"email,state\n{ADA},complained\n")
    mailing.import_csv(file, "daily", now=NOW)
    mailing.add("daily", GRACE, consent="asked", now=NOW)
    event = DeliveryEvent(kind=EventKind.COMPLAINED, address=GRACE)
    mailing.take_events([event], now=NOW)
    mailing.erase("", GRACE, now=NOW)

    assert mailing.ask(FORM, now=LATER)
    assert mailing.ask(form_of(GRACE), now=LATER)

    assert mailing.take_letters(now=LATER) == []
    assert state(mailing) is None


# --- limits --------------------------------------------------------------------------------------


def test_a_mailbox_gets_one_mail_an_hour_of_a_newsletter_and_few_a_day(mailing: Mailing) -> None:
    for tag in ("", "+a", "+b"):
        assert mailing.ask(form_of(f"ada{tag}@example.org", block=f"192.0.{len(tag)}.0/24"), now=NOW)
    assert len(mailing.take_letters(now=NOW)) == 1

    for number in range(20):
        mailing.ask(form_of(ADA, newsletter=f"letter{number}", block=f"10.0.{number}.0/24"), now=LATER)
    assert len(mailing.take_letters(now=LATER)) == A_MAILBOX.most - 1

    assert mailing.ask(FORM, now=NOW + timedelta(days=2))
    letters = mailing.take_letters(now=NOW + timedelta(days=2))
    assert [one.asked_at for one in letters if one.newsletter == "daily"] == [NOW + timedelta(days=2)]


def test_a_network_that_asks_too_often_is_told_and_others_are_not_kept_waiting(mailing: Mailing) -> None:
    answers = [mailing.ask(form_of(f"r{n}@example.org"), now=NOW) for n in range(A_BLOCK.most + 2)]

    assert answers == [True] * A_BLOCK.most + [False] * 2
    assert mailing.ask(form_of("other@example.org", block="203.0.113.0/24"), now=NOW)
    assert mailing.ask(form_of("later@example.org"), now=NOW + timedelta(hours=1))


def test_counts_are_kept_as_hashes_and_not_for_long(mailing: Mailing, engine: Engine) -> None:
    mailing.ask(FORM, now=NOW)
    with reading(engine) as connection:
        kept = " ".join(connection.scalars(select(attempts.c.key)))
    assert "ada" not in kept
    assert "192" not in kept

    mailing.ask(form_of(GRACE, block="203.0.113.0/24"), now=NOW + timedelta(days=2))

    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(attempts)) == 3


def test_who_never_confirms_is_deleted(mailing: Mailing) -> None:
    mailing.ask(FORM, now=NOW)

    mailing.ask(form_of(GRACE), now=NOW + FORGOTTEN + timedelta(minutes=1))

    assert state(mailing) is None
    assert mailing.held_on(ADA) == {"address": ADA, "subscriptions": [], "suppressions": []}


# --- mails ---------------------------------------------------------------------------------------


def test_a_letter_is_claimed_once_tried_again_later_and_settled_for_ever(mailing: Mailing) -> None:
    mailing.ask(FORM, now=NOW)
    (first,) = mailing.take_letters(now=NOW)
    assert mailing.take_letters(now=NOW) == []

    mailing.settle_letter(first, sent=False, again_at=LATER, now=NOW)
    (second,) = mailing.take_letters(now=LATER)
    assert (second.ask, second.tries) == (first.ask, 2)
    mailing.settle_letter(second, sent=True, again_at=None, now=LATER)

    assert mailing.take_letters(now=NOW + timedelta(days=3)) == []


def test_a_letter_whose_claimer_died_is_taken_again(mailing: Mailing) -> None:
    mailing.ask(FORM, now=NOW)
    mailing.take_letters(now=NOW)

    assert len(mailing.take_letters(now=NOW + timedelta(minutes=10))) == 1


# --- choosing ------------------------------------------------------------------------------------


def test_a_person_chooses_for_all_newsletters_at_once(mailing: Mailing) -> None:
    reader = mailing.add("daily", ADA, name="Ada", consent="asked", now=NOW)
    mailing.add("team", ADA, consent="asked", now=NOW)

    mailing.choose(reader.id, choices("weekly"), came_from="192.0.2.7", now=LATER)
    again = mailing.choose(reader.id, choices("weekly"), came_from="192.0.2.7", now=LATER)

    assert [(one.newsletter, str(one.state)) for one in again] == [
        ("daily", "left"),
        ("team", "active"),
        ("weekly", "active"),
    ]
    assert {(one.time_zone, one.language, one.plain_text) for one in again} == {("Asia/Tokyo", "ja", True)}
    (consent,) = mailing.held_on(ADA)["subscriptions"][2]["consents"]
    assert (consent["how"], consent["wording"], consent["came_from"]) == (
        "preferences",
        "words of weekly",
        "192.0.2.7",
    )


def test_an_erased_person_chooses_nothing(mailing: Mailing) -> None:
    reader = mailing.add("daily", ADA, consent="asked", now=NOW)
    mailing.erase("daily", ADA, now=NOW)

    assert mailing.choose(reader.id, choices("daily", "weekly"), came_from="", now=LATER) == []
    assert mailing.count_active("daily") == 0


# --- erasing and telling -------------------------------------------------------------------------


def test_erasing_a_person_everywhere_leaves_a_keyed_hash_and_nothing_else(
    mailing: Mailing, engine: Engine, tmp_path: Path
) -> None:
    mailing.ask(FORM, now=NOW)
    mailing.add("weekly", ADA, name="Ada", consent="asked", now=NOW)
    mailing.add("daily", ADA, consent="asked", now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    (delivery,) = mailing.lease(EDITION, owner="me", limit=1, now=NOW, until=LATER)
    refused = replace(delivery, state=DeliveryState.FAILED, reply=f"550 no such user {ADA}")
    mailing.record([refused], now=NOW)
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{ADA}\n")

    assert mailing.erase("", ADA, now=LATER)

    with reading(engine) as connection:
        dump = ""
        for table in ("subscribers", "consents", "deliveries", "suppressions", "attempts", "confirmations"):
            dump += str(list(connection.execute(text(f"SELECT * FROM {table}"))))
    assert "ada" not in dump.casefold()
    assert "192.0.2.7" not in dump
    assert [mailing.import_csv(file, name, now=LATER).added for name in ("daily", "weekly", "new")] == [
        0,
        0,
        0,
    ]
    assert {entry["newsletter"] for entry in mailing.held_on(ADA)["suppressions"]} == {
        "all",
        "daily",
        "weekly",
    }


def test_all_that_is_held_on_a_person_is_told_and_nothing_of_others(mailing: Mailing) -> None:
    mailing.add("daily", ADA, name="Ada", consent="asked", now=NOW)
    mailing.add("daily", GRACE, consent="asked", now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    mailing.remove("daily", ADA, now=LATER)

    held = mailing.held_on(ADA.upper())

    (daily,) = held["subscriptions"]
    assert (daily["state"], daily["name"]) == ("left", "Ada")
    assert [one["edition"] for one in daily["deliveries"]] == ["daily/2026-11-24"]
    assert [one["act"] for one in daily["consents"]] == ["added"]
    assert [(one["newsletter"], one["why"]) for one in held["suppressions"]] == [("daily", "left")]
    assert "grace" not in str(held)


# --- importing -----------------------------------------------------------------------------------


def test_each_imported_reader_has_a_record_of_the_file_and_the_words(
    mailing: Mailing, tmp_path: Path
) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{ADA}\n{GRACE}\n")

    mailing.import_csv(file, "daily", now=NOW, wording="Yes, send it to me.")
    mailing.import_csv(file, "daily", now=LATER)

    (consent,) = mailing.held_on(GRACE)["subscriptions"][0]["consents"]
    assert (consent["act"], consent["how"], consent["wording"]) == (
        "imported",
        "import",
        "Yes, send it to me.",
    )
    assert sha256(file.read_bytes()).hexdigest() in consent["proof"]


def test_whom_a_file_says_left_is_kept_off_from_then_on(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add("daily", GRACE, consent="asked", now=NOW)
    file = tmp_path / "out.csv"
    file.write_text(
        f"email,state\n{ADA},unsubscribed\n{GRACE},left\nalan@example.org,active\n"
        f"alan@example.org,complained\nnew@example.org,active\nodd@example.org,pending\n"
    )

    report = mailing.import_csv(file, "daily", now=NOW)
    file.write_text(f"email\n{ADA}\n{GRACE}\nalan@example.org\n")
    again = mailing.import_csv(file, "daily", now=LATER)

    assert (report.read, report.added, len(report.suppressed), len(report.bad)) == (6, 1, 3, 1)
    assert (again.added, len(again.suppressed)) == (0, 3)
    assert [one.address for one in mailing.list_subscribers("daily", states=[SubscriberState.ACTIVE])] == [
        "new@example.org"
    ]


def test_our_own_export_brings_nobody_back_in_another_store(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add("daily", ADA, consent="asked", now=NOW)
    mailing.add("daily", GRACE, consent="asked", now=NOW)
    mailing.remove("daily", GRACE, now=NOW)
    file = tmp_path / "out.csv"
    file.write_text(mailing.export_csv("daily"))

    report = mailing.import_csv(file, "weekly", now=LATER)

    assert (report.added, len(report.suppressed)) == (1, 1)
    assert state(mailing, GRACE, "weekly") is None


def test_a_hundred_thousand_lines_in_latin_1_with_three_bad_ones(
    mailing: Mailing, engine: Engine, tmp_path: Path
) -> None:
    lines = [f"reader{number}@example.org;Jos\xe9 {number}" for number in range(100_000)]
    for number, bad in ((10, "no address;X"), (50_000, 'open;"X'), (99_998, "a b@example.org;X")):
        lines[number] = bad
    file = tmp_path / "large.csv"
    file.write_bytes(("email;name\r\n" + "\r\n".join(lines) + "\r\n").encode("latin-1"))
    started = time.monotonic()

    report = mailing.import_csv(file, "daily", now=NOW)

    assert time.monotonic() - started < 30
    assert (report.read, report.added) == (100_000, 99_997)
    assert [one.subject for one in report.bad] == [f"large.csv, line {n}" for n in (12, 50_002, 100_000)]
    assert mailing.count_active("daily") == 99_997
    found = mailing.find("daily", "reader7@example.org")
    assert found is not None
    assert found.name == "José 7"
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(consents)) == 99_997

"""Readers and the outbox, on both engines: filled once, fenced, and nobody brought back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from digest.errors import AddressError, StoreError, UsageError
from digest.model import Delivery, DeliveryState, EditionName, SubscriberState
from digest.store.mailing import Mailing

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))
READERS = [f"reader{number}@example.org" for number in range(5)]


@pytest.fixture
def mailing(engine: Engine) -> Mailing:
    return Mailing(engine, secret=lambda: b"a secret of the tests, long enough")


@pytest.fixture
def filled(mailing: Mailing) -> Mailing:
    mailing.ensure_readers("daily", READERS, now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    return mailing


def lease(mailing: Mailing, owner: str = "me", *, limit: int = 100, now: datetime = NOW) -> list[Delivery]:
    return mailing.lease(EDITION, owner=owner, limit=limit, now=now, until=now + timedelta(minutes=1))


def settled(delivery: Delivery, state: DeliveryState, **changed: object) -> Delivery:
    return replace(delivery, state=state, **changed)  # type: ignore[arg-type]  # the tests' own keywords


# --- filling -------------------------------------------------------------------------------------


def test_an_edition_is_queued_once_for_ever(filled: Mailing) -> None:
    filled.add("daily", "late@example.org", consent="asked", now=NOW)

    assert filled.fill(EDITION, domain="example.org", now=LATER) == 0
    assert filled.counts(EDITION)[DeliveryState.QUEUED] == len(READERS)


def test_message_ids_are_stable_unique_and_of_the_senders_domain(filled: Mailing) -> None:
    first = [one.message_id for one in filled.list_deliveries(EDITION)]
    taken = [one.message_id for one in lease(filled)]

    assert first == taken
    assert len(set(first)) == len(READERS)
    assert all(one.startswith("<daily.2026-11-24.") and one.endswith("@example.org>") for one in first)


def test_only_active_readers_who_did_not_leave_are_queued(mailing: Mailing) -> None:
    mailing.ensure_readers("daily", READERS, now=NOW)
    mailing.remove("daily", READERS[0], now=NOW)
    mailing.add("daily", "new@example.org", consent="form", now=NOW, state=SubscriberState.PENDING)
    mailing.add("weekly", "other@example.org", consent="asked", now=NOW)

    assert mailing.fill(EDITION, domain="example.org", now=NOW) == len(READERS) - 1


def test_two_processes_fill_one_outbox(mailing: Mailing) -> None:
    mailing.ensure_readers("daily", READERS, now=NOW)
    added: list[int] = []
    threads = [
        Thread(target=lambda: added.append(mailing.fill(EDITION, domain="example.org", now=NOW)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(added) == [0, 0, 0, len(READERS)]


# --- leasing -------------------------------------------------------------------------------------


def test_two_owners_never_hold_the_same_delivery(filled: Mailing) -> None:
    mine, theirs = lease(filled, "me", limit=3), lease(filled, "they")

    assert len(mine) == 3
    assert len(theirs) == 2
    assert not {one.subscriber_id for one in mine} & {one.subscriber_id for one in theirs}


def test_many_owners_at_once_share_the_queue_without_overlap(mailing: Mailing) -> None:
    mailing.ensure_readers("daily", [f"r{number}@example.org" for number in range(60)], now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    taken: list[Delivery] = []

    def take(owner: str) -> None:
        while batch := lease(mailing, owner, limit=4):
            taken.extend(batch)

    threads = [Thread(target=take, args=(f"owner {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 60
    assert len({one.subscriber_id for one in taken}) == 60


def test_an_expired_lease_goes_back_to_the_queue_with_a_new_attempt(filled: Mailing) -> None:
    first = lease(filled, "dead", limit=1)[0]

    assert lease(filled, "me", now=NOW + timedelta(seconds=59)) != []
    again = lease(filled, "me", now=NOW + timedelta(seconds=60))

    assert [one.subscriber_id for one in again] == [first.subscriber_id]
    assert again[0].attempt == first.attempt + 1


def test_a_renewed_lease_does_not_expire(filled: Mailing) -> None:
    lease(filled)
    filled.renew(EDITION, owner="me", until=NOW + timedelta(minutes=5))

    assert lease(filled, "other", now=NOW + timedelta(minutes=4)) == []


def test_a_deferred_delivery_is_leased_when_its_time_has_come(filled: Mailing) -> None:
    one, *rest = lease(filled)
    filled.record([settled(other, DeliveryState.SENT) for other in rest], now=NOW)
    filled.record([settled(one, DeliveryState.DEFERRED, next_at=LATER, tries=1)], now=NOW)

    assert filled.next_due(EDITION) == LATER
    assert lease(filled, now=LATER - timedelta(seconds=1)) == []
    assert [again.tries for again in lease(filled, now=LATER)] == [1]


def test_what_is_settled_is_never_leased_again(filled: Mailing) -> None:
    states = [
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.SKIPPED,
        DeliveryState.DOUBT,
        DeliveryState.SENT,
    ]
    taken = lease(filled)
    filled.record([settled(one, state) for one, state in zip(taken, states, strict=True)], now=NOW)

    assert lease(filled, now=NOW + timedelta(days=1)) == []
    assert filled.next_due(EDITION) is None


def test_who_left_is_skipped_when_their_turn_comes(filled: Mailing) -> None:
    filled.remove("daily", READERS[2], now=NOW)

    taken = lease(filled)

    assert [one.address for one in taken] == [one for one in READERS if one != READERS[2]]
    assert [one.address for one in filled.list_deliveries(EDITION, [DeliveryState.SKIPPED])] == [READERS[2]]


# --- the fence -----------------------------------------------------------------------------------


def test_a_write_under_a_lost_lease_changes_nothing(filled: Mailing) -> None:
    mine = lease(filled, "me", limit=1)[0]
    theirs = lease(filled, "they", now=NOW + timedelta(minutes=2))

    began = filled.record([settled(mine, DeliveryState.INFLIGHT)], now=NOW + timedelta(minutes=3))
    sent = filled.record([settled(mine, DeliveryState.SENT)], now=NOW + timedelta(minutes=3))

    assert (began, sent) == ([False], [False])
    assert filled.counts(EDITION)[DeliveryState.LEASED] == len(theirs)


def test_who_leaves_at_the_last_moment_is_not_sent_to(filled: Mailing) -> None:
    one, other = lease(filled, limit=2)
    filled.remove("daily", one.address, now=NOW)

    begun = filled.record(
        [settled(one, DeliveryState.INFLIGHT), settled(other, DeliveryState.INFLIGHT)], now=NOW
    )

    assert begun == [False, True]
    assert filled.record([settled(one, DeliveryState.SKIPPED)], now=NOW) == [True]


def test_writing_the_same_twice_is_the_same_as_once(filled: Mailing) -> None:
    one = lease(filled, limit=1)[0]
    begin, sent = settled(one, DeliveryState.INFLIGHT), settled(one, DeliveryState.SENT)

    assert filled.record([begin], now=NOW) == [True]
    assert filled.record([begin], now=NOW) == [True]
    assert filled.record([sent], now=NOW) == [True]
    assert filled.record([sent], now=NOW) == [False]
    assert filled.record([begin], now=NOW) == [False]
    assert filled.counts(EDITION)[DeliveryState.SENT] == 1


def test_renewing_and_writing_at_once_never_lock_each_other_out(mailing: Mailing) -> None:
    mailing.ensure_readers("daily", [f"r{number}@example.org" for number in range(120)], now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    begun = [settled(one, DeliveryState.INFLIGHT) for one in reversed(lease(mailing, limit=120))]
    errors: list[StoreError] = []

    def repeatedly(call: Callable[[], object]) -> None:
        try:
            for _ in range(8):
                call()
        except StoreError as exc:
            errors.append(exc)

    calls: list[Callable[[], object]] = [
        lambda: mailing.record(begun, now=NOW),
        lambda: mailing.renew(EDITION, owner="me", until=LATER),
        lambda: mailing.sweep(EDITION, now=NOW),
    ]
    threads = [Thread(target=repeatedly, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert mailing.counts(EDITION)[DeliveryState.INFLIGHT] == 120


def test_what_was_in_flight_when_its_owner_died_is_in_doubt_and_nowhere_else(filled: Mailing) -> None:
    one, other = lease(filled, limit=2)
    filled.record([settled(one, DeliveryState.INFLIGHT)], now=NOW)

    assert filled.sweep(EDITION, now=NOW + timedelta(seconds=59)) == 0
    assert filled.sweep(EDITION, now=NOW + timedelta(seconds=60)) == 1

    counts = filled.counts(EDITION)
    assert (counts[DeliveryState.DOUBT], counts[DeliveryState.LEASED]) == (1, 1)
    assert other.address in READERS


def test_a_late_answer_still_settles_a_doubt(filled: Mailing) -> None:
    one = lease(filled, limit=1)[0]
    filled.record([settled(one, DeliveryState.INFLIGHT)], now=NOW)
    filled.sweep(EDITION, now=LATER)

    assert filled.record([settled(one, DeliveryState.SENT)], now=LATER) == [True]
    assert filled.counts(EDITION)[DeliveryState.SENT] == 1


def test_a_doubt_is_queued_again_only_when_old_enough_and_only_so_often(filled: Mailing) -> None:
    one, *rest = lease(filled)
    filled.record([settled(other, DeliveryState.SENT) for other in rest], now=NOW)
    filled.record([settled(one, DeliveryState.DOUBT, doubts=1)], now=NOW)

    assert filled.next_doubt(EDITION, limit=2) == NOW
    assert filled.requeue_doubts(EDITION, before=NOW - timedelta(seconds=1), limit=2, now=LATER) == 0
    assert filled.requeue_doubts(EDITION, before=NOW, limit=1, now=LATER) == 0
    assert filled.requeue_doubts(EDITION, before=NOW, limit=2, now=LATER) == 1

    again = lease(filled, now=LATER)[0]
    assert (again.message_id, again.doubts) == (one.message_id, 1)
    assert filled.record([settled(one, DeliveryState.SENT)], now=LATER) == [False]


# --- a person's hand -----------------------------------------------------------------------------


def test_retry_queues_what_failed_or_waits_and_nothing_else(filled: Mailing) -> None:
    failed, deferred, sent, doubt, other = lease(filled)
    filled.record(
        [
            settled(failed, DeliveryState.FAILED, tries=30),
            settled(deferred, DeliveryState.DEFERRED, next_at=LATER, tries=3),
            settled(sent, DeliveryState.SENT),
            settled(doubt, DeliveryState.DOUBT),
            settled(other, DeliveryState.FAILED),
        ],
        now=NOW,
    )

    assert filled.retry(EDITION, addresses=[other.address.upper()], now=NOW) == 1
    assert filled.retry(EDITION, now=NOW) == 2
    assert {one.tries for one in lease(filled)} == {0}


def test_a_doubt_is_resolved_by_hand_and_only_a_doubt(filled: Mailing) -> None:
    one, other, *_ = lease(filled)
    filled.record([settled(one, DeliveryState.DOUBT), settled(other, DeliveryState.FAILED)], now=NOW)

    assert filled.resolve(EDITION, address=one.address, state=DeliveryState.SENT, now=NOW)
    assert not filled.resolve(EDITION, address=one.address, state=DeliveryState.SENT, now=NOW)
    assert not filled.resolve(EDITION, address=other.address, state=DeliveryState.SENT, now=NOW)
    assert [one.state for one in filled.list_deliveries(EDITION, [DeliveryState.SENT])] == [
        DeliveryState.SENT
    ]


def test_counts_name_every_state_and_add_up(filled: Mailing) -> None:
    counts = filled.counts(EDITION)

    assert set(counts) == set(DeliveryState)
    assert sum(counts.values()) == len(READERS)


def test_due_editions_are_those_that_no_live_sender_is_at(filled: Mailing) -> None:
    assert filled.due_editions(now=NOW) == [EDITION]

    taken = lease(filled)
    assert filled.due_editions(now=NOW) == []
    assert filled.due_editions(now=LATER) == [EDITION]

    filled.record([settled(one, DeliveryState.DEFERRED, next_at=LATER) for one in taken], now=NOW)
    assert filled.due_editions(now=NOW) == []
    assert filled.due_editions(now=LATER) == [EDITION]


def test_a_failure_is_reopened_by_its_own_attempt_alone(filled: Mailing) -> None:
    first, second, *_ = lease(filled)
    filled.record([settled(first, DeliveryState.FAILED), settled(second, DeliveryState.SENT)], now=NOW)
    later = [settled(one, DeliveryState.DEFERRED, next_at=LATER, reply="not yet") for one in (first, second)]

    filled.reopen([replace(later[0], attempt=7), later[1]], now=NOW)
    assert filled.counts(EDITION)[DeliveryState.DEFERRED] == 0
    filled.reopen(later, now=NOW)

    (reopened,) = filled.list_deliveries(EDITION, [DeliveryState.DEFERRED])
    assert (reopened.address, reopened.next_at, reopened.reply) == (first.address, LATER, "not yet")
    assert filled.counts(EDITION)[DeliveryState.SENT] == 1


def test_settled_doubts_are_due_where_they_are_sent_again_but_not_for_ever(filled: Mailing) -> None:
    def due(before: datetime | None) -> list[EditionName]:
        return filled.due_editions(now=LATER, resend_before=before, most_doubts=2)

    for doubts in (1, 2):
        taken = lease(filled)
        filled.record([settled(one, DeliveryState.DOUBT, doubts=doubts) for one in taken], now=NOW)
        assert due(None) == []
        assert due(NOW - timedelta(seconds=1)) == []
        assert due(NOW) == ([EDITION] if doubts < 2 else [])
        filled.requeue_doubts(EDITION, before=NOW, limit=2, now=NOW)


def test_an_old_edition_is_not_due_so_that_a_restored_store_sends_no_stale_news(filled: Mailing) -> None:
    assert filled.due_editions(now=NOW + timedelta(days=4)) == []


# --- readers -------------------------------------------------------------------------------------


def test_a_configured_reader_who_asks_or_is_imported_stays_when_the_configuration_drops_them(
    mailing: Mailing, tmp_path: Path
) -> None:
    mailing.ensure_readers("daily", READERS, now=NOW)
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{READERS[1]}\n", encoding="utf-8")

    mailing.add("daily", READERS[0], consent="asked", now=LATER)
    mailing.add("daily", READERS[2], consent="", now=LATER, state=SubscriberState.PENDING)
    mailing.import_csv(file, "daily", now=LATER, dry_run=True)
    assert mailing.import_csv(file, "daily", now=LATER).already == 1
    mailing.ensure_readers("daily", [], now=LATER)

    active = mailing.list_subscribers("daily", states=[SubscriberState.ACTIVE])
    assert [one.address for one in active] == READERS[:2]
    assert active[0].consent == "asked"
    assert active[1].consent.startswith("imported from readers.csv")


def test_an_address_is_one_reader_however_it_is_written(mailing: Mailing) -> None:
    first = mailing.add("daily", "Ada Lovelace <Ada@Example.ORG>", consent="asked", now=NOW)
    second = mailing.add("daily", "ada@example.org", consent="again", now=LATER)
    idn = mailing.add("daily", "ada@bücher.example", consent="asked", now=NOW)

    assert second.id == first.id
    assert (second.name, second.consent) == ("Ada Lovelace", "asked")
    assert idn.address == "ada@xn--bcher-kva.example"
    assert mailing.find("daily", "ADA@xn--bcher-kva.EXAMPLE") == idn


def test_who_left_gets_nothing_and_neither_import_nor_configuration_brings_them_back(
    mailing: Mailing, tmp_path: Path
) -> None:
    mailing.ensure_readers("daily", READERS, now=NOW)
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{READERS[0]}\n{READERS[1]}\n")

    assert mailing.remove("daily", READERS[0].upper(), now=NOW)
    assert not mailing.remove("daily", READERS[0], now=NOW)
    mailing.ensure_readers("daily", READERS, now=LATER)
    report = mailing.import_csv(file, "daily", now=LATER)

    assert (report.added, report.already) == (0, 1)
    assert [failure.subject for failure in report.refused] == ["readers.csv, line 2"]
    assert "left on 2026-11-24" in report.refused[0].message
    gone = mailing.find("daily", READERS[0])
    assert gone is not None
    assert gone.state is SubscriberState.LEFT
    assert not mailing.still_wanted(gone.id)


def test_an_editor_may_add_again_who_asked_again(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add("daily", READERS[0], consent="asked", now=NOW)
    mailing.remove("daily", READERS[0], now=NOW)

    back = mailing.add("daily", READERS[0], consent="asked again", now=LATER)

    assert (back.state, back.consent) == (SubscriberState.ACTIVE, "asked again")
    assert mailing.fill(EDITION, domain="example.org", now=LATER) == 1


def test_leaving_by_a_link_is_harmless_to_repeat(mailing: Mailing) -> None:
    reader = mailing.add("daily", READERS[0], consent="asked", now=NOW)

    first, second = mailing.leave(reader.id, now=NOW), mailing.leave(reader.id, now=LATER)

    assert first == second
    assert first is not None
    assert first.state is SubscriberState.LEFT
    assert mailing.leave(type(reader.id)(999), now=NOW) is None


def test_erasure_forgets_the_reader_and_still_keeps_them_off(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add("daily", READERS[0], name="Ada", consent="asked", now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    file = tmp_path / "readers.csv"
    file.write_text(f"email\n{READERS[0]}\n")

    assert mailing.erase("daily", READERS[0], now=NOW)

    assert not mailing.erase("daily", READERS[0], now=NOW)
    assert mailing.list_subscribers("daily") == []
    assert READERS[0] not in mailing.export_csv("daily")
    assert sum(mailing.counts(EDITION).values()) == 1
    assert mailing.import_csv(file, "daily", now=LATER).added == 0
    assert mailing.find("daily", READERS[0]) is None


def test_who_is_taken_out_of_the_configuration_gets_nothing_more_until_put_back(mailing: Mailing) -> None:
    mailing.add("daily", "signed-up@example.org", consent="asked", now=NOW)
    mailing.ensure_readers("daily", READERS[:2], now=NOW)

    mailing.ensure_readers("daily", READERS[1:2], now=NOW)
    without = [one.address for one in mailing.list_subscribers("daily", states=[SubscriberState.ACTIVE])]
    mailing.ensure_readers("daily", READERS[:2], now=NOW)

    assert without == ["signed-up@example.org", READERS[1]]
    assert mailing.count_active("daily") == 3


def test_a_configured_reader_that_is_no_address_is_told_and_costs_nobody_else(mailing: Mailing) -> None:
    failures = mailing.ensure_readers("daily", ["nobody@nowhere@", READERS[0]], now=NOW)

    assert [failure.subject for failure in failures] == ["nobody@nowhere@"]
    assert mailing.count_active("daily") == 1


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\r\nBcc: eve@example.org"],
)
def test_what_is_no_address_is_not_added(mailing: Mailing, address: str) -> None:
    with pytest.raises(AddressError):
        mailing.add("daily", address, consent="asked", now=NOW)

    assert mailing.list_subscribers("daily") == []


# --- import and export ---------------------------------------------------------------------------


def test_an_import_reports_each_bad_line_and_adds_the_rest(mailing: Mailing, tmp_path: Path) -> None:
    file = tmp_path / "team.csv"
    file.write_bytes(
        "\ufeffName;E-Mail;Email;time_zone;language\r\n"
        "Ada;x;ada@example.org;Europe/Berlin;de\r\n"
        '"Hopper; Grace";x;grace@example.org;;\r\n'
        "Bad;x;not an address;;\r\n"
        ";;;;\r\n"
        'Open;x;"open@example.org;;\r\n'
        "Zone;x;zone@example.org;Mars/Olympus;\r\n"
        "Ada twice;x;ADA@example.org;;\r\n".encode()
    )

    report = mailing.import_csv(file, "daily", now=NOW)

    assert (report.added, report.already) == (2, 1)
    assert [failure.subject for failure in report.refused] == [f"team.csv, line {n}" for n in (4, 6, 7)]
    ada, grace = mailing.list_subscribers("daily")
    assert (ada.name, ada.time_zone, ada.language) == ("Ada", "Europe/Berlin", "de")
    assert grace.name == "Hopper; Grace"
    assert ada.consent.startswith("imported from team.csv (sha256 ")


def test_a_dry_run_adds_nobody_and_says_the_same(mailing: Mailing, tmp_path: Path) -> None:
    file = tmp_path / "team.csv"
    file.write_text("email,name\nada@example.org,Ada\nbad,Bad\n")

    dry = mailing.import_csv(file, "daily", now=NOW, dry_run=True)

    assert mailing.list_subscribers("daily") == []
    assert mailing.import_csv(file, "daily", now=NOW) == dry


def test_a_file_in_an_old_encoding_is_read(mailing: Mailing, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_bytes("email,name\nada@example.org,Áda Müller\n".encode("latin-1"))

    mailing.import_csv(file, "daily", now=NOW)

    assert [one.name for one in mailing.list_subscribers("daily")] == ["Áda Müller"]


def test_an_import_makes_active_who_had_not_confirmed(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add("daily", READERS[0], consent="form", now=NOW, state=SubscriberState.PENDING)
    file = tmp_path / "team.csv"
    file.write_text(f"email\n{READERS[0]}\n")

    assert mailing.import_csv(file, "daily", now=NOW).added == 1
    assert mailing.count_active("daily") == 1


@pytest.mark.parametrize("content", ["", "name\nAda\n", 'e"mail\n'])
def test_a_file_without_the_column_is_refused_whole(mailing: Mailing, tmp_path: Path, content: str) -> None:
    file = tmp_path / "team.csv"
    file.write_text(content)

    with pytest.raises(UsageError, match="no column 'email'"):
        mailing.import_csv(file, "daily", now=NOW)


def test_a_missing_file_is_one_sentence(mailing: Mailing, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Cannot read .*no\.csv"):
        mailing.import_csv(tmp_path / "no.csv", "daily", now=NOW)


def test_an_export_can_be_imported_and_holds_no_formula(mailing: Mailing, tmp_path: Path) -> None:
    mailing.add(
        "daily", "ada@example.org", name='=HYPERLINK("https://evil.example")', consent="asked", now=NOW
    )
    mailing.add("daily", "grace@example.org", name="Grace, Adm.", consent="asked", now=NOW)
    text = mailing.export_csv("daily")
    file = tmp_path / "out.csv"
    file.write_text(text)

    report = mailing.import_csv(file, "weekly", now=NOW)

    assert "\"'=HYPERLINK" in text
    assert (report.added, report.refused) == (2, ())
    assert [one.name for one in mailing.list_subscribers("weekly")][1] == "Grace, Adm."

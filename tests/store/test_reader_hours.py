"""Deliveries that wait for a reader's hour, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from digest.model import Delivery, DeliveryState, EditionName, Halt
from digest.store.mailing import Mailing, ReaderHour
from digest.store.persons import Choices

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))
HOURS = {
    "Pacific/Kiritimati": ReaderHour(at=NOW - timedelta(hours=14), too_late="too late"),
    None: ReaderHour(at=NOW),
    "America/New_York": ReaderHour(at=NOW + timedelta(hours=5)),
    "Pacific/Honolulu": ReaderHour(at=NOW + timedelta(hours=10)),
}


@pytest.fixture
def mailing(engine: Engine) -> Mailing:
    mailing = Mailing(engine, secret=lambda: b"a secret of the tests, long enough")
    for number, zone in enumerate(HOURS):
        reader = mailing.add("daily", f"reader{number}@example.org", consent="asked", now=NOW)
        choices = Choices(wanted={}, offered=(), time_zone=zone, language=None, plain_text=False)
        mailing.choose(reader.id, choices, came_from="192.0.2.1", now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW, hour_of=lambda zone: HOURS[zone])
    return mailing


def lease(mailing: Mailing, now: datetime) -> list[Delivery]:
    return mailing.lease(EDITION, owner="me", limit=9, now=now, until=now + timedelta(days=1))


def test_the_zones_of_readers_are_told_each_once(mailing: Mailing) -> None:
    mailing.add("daily", "more@example.org", consent="asked", now=NOW)
    mailing.remove("daily", "reader3@example.org", now=NOW)

    assert set(mailing.reader_zones("daily")) == {"Pacific/Kiritimati", None, "America/New_York"}
    assert len(mailing.reader_zones("daily")) == 3


def test_a_delivery_is_due_at_its_readers_hour_and_not_before(mailing: Mailing) -> None:
    assert mailing.due_editions(now=NOW - timedelta(seconds=1)) == []
    assert mailing.due_editions(now=NOW) == [EDITION]
    assert [one.address for one in lease(mailing, NOW)] == ["reader1@example.org"]
    assert lease(mailing, NOW + timedelta(hours=5, seconds=-1)) == []
    assert mailing.hours_ahead(EDITION, now=NOW) == (2, NOW + timedelta(hours=10))
    assert [one.address for one in lease(mailing, NOW + timedelta(hours=5))] == ["reader2@example.org"]
    assert mailing.counts(EDITION)[DeliveryState.SKIPPED] == 1


def test_who_waits_for_an_hour_long_past_is_skipped_and_who_was_tried_is_not(mailing: Mailing) -> None:
    lease(mailing, NOW)
    later = NOW + timedelta(hours=6)

    assert mailing.skip_late(EDITION, before=later, reply="the hour passed", now=later) == 1
    assert mailing.skip_late(EDITION, before=later, reply="the hour passed", now=later) == 0

    states = {one.address: (one.state, one.reply) for one in mailing.list_deliveries(EDITION)}
    assert states["reader1@example.org"] == (DeliveryState.LEASED, "")
    assert states["reader2@example.org"] == (DeliveryState.SKIPPED, "the hour passed")
    assert states["reader3@example.org"] == (DeliveryState.QUEUED, "")


def test_a_stop_that_is_taken_back_gives_each_delivery_its_hour_again(mailing: Mailing) -> None:
    before = {one.address: one.next_at for one in mailing.list_deliveries(EDITION, [DeliveryState.QUEUED])}

    assert mailing.halt(EDITION, Halt.STOPPED, now=NOW) == 3
    assert mailing.go_on(EDITION, now=NOW) == 3

    after = {one.address: one.next_at for one in mailing.list_deliveries(EDITION, [DeliveryState.QUEUED])}
    assert after == before

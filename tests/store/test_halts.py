"""A send that is paused gives nothing, one that is stopped gives nothing any more, and both can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from digest.model import DeliveryState as S
from digest.model import EditionName, Halt
from digest.store.mailing import Mailing

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=date(2026, 11, 24))


@pytest.fixture
def filled(engine: Engine) -> Mailing:
    mailing = Mailing(engine, secret=lambda: b"a secret of the tests, long enough")
    mailing.ensure_readers("daily", [f"reader{number}@example.org" for number in range(5)], now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    return mailing


def lease(mailing: Mailing, limit: int = 100) -> int:
    until = NOW + timedelta(minutes=1)
    return len(mailing.lease(EDITION, owner="me", limit=limit, now=NOW, until=until))


def test_a_paused_send_gives_nothing_until_it_goes_on(filled: Mailing) -> None:
    assert filled.halt(EDITION, Halt.PAUSED, now=NOW) == 5
    assert filled.find_halt(EDITION) is Halt.PAUSED
    assert lease(filled) == 0
    assert filled.due_editions(now=NOW) == []

    assert filled.go_on(EDITION, now=NOW) == 0
    assert filled.find_halt(EDITION) is None
    assert filled.due_editions(now=NOW) == [EDITION]
    assert lease(filled) == 5


def test_a_stopped_send_skips_what_waits_and_what_comes_back_to_the_queue(filled: Mailing) -> None:
    assert lease(filled, 2) == 2

    assert filled.halt(EDITION, Halt.STOPPED, now=NOW) == 3
    filled.expire(EDITION, owner="me", now=NOW)
    assert lease(filled) == 0
    assert filled.counts(EDITION)[S.SKIPPED] == 5

    assert filled.go_on(EDITION, now=NOW) == 5
    assert lease(filled) == 5


def test_a_stop_is_not_taken_back_for_who_has_left(filled: Mailing) -> None:
    filled.remove("daily", "reader0@example.org", now=NOW)
    assert lease(filled) == 4
    filled.expire(EDITION, owner="me", now=NOW)

    assert filled.halt(EDITION, Halt.STOPPED, now=NOW) == 0
    lease(filled)

    assert filled.go_on(EDITION, now=NOW) == 4
    assert filled.counts(EDITION)[S.SKIPPED] == 1


def test_what_is_not_halted_cannot_go_on(filled: Mailing) -> None:
    assert filled.go_on(EDITION, now=NOW) is None

"""When a newsletter is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.timetable import Due, Timing, due, next_run, sending_moment

NEW_YORK = Timing(send_at=time(6, 30), zone="America/New_York")
TODAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_nothing_is_due_before_its_hour() -> None:
    assert due(NEW_YORK, {date(2026, 11, 23)}, at("2026-11-24T06:29:59-05:00")) == []


def test_due_from_its_hour_on() -> None:
    now = at("2026-11-24T06:30:00-05:00")

    assert due(NEW_YORK, {date(2026, 11, 23)}, now) == [Due(date=TODAY, at=now, is_too_late=False)]


def test_a_run_that_was_made_is_not_due_again() -> None:
    assert due(NEW_YORK, {date(2026, 11, 23), TODAY}, at("2026-11-24T09:00:00-05:00")) == []


def test_a_missed_run_is_caught_up_within_the_limit() -> None:
    found = due(NEW_YORK, {date(2026, 11, 23)}, at("2026-11-24T12:29:00-05:00"))

    assert [(one.date, one.is_too_late) for one in found] == [(TODAY, False)]


def test_a_run_past_the_limit_is_missed_and_told_once() -> None:
    found = due(NEW_YORK, {date(2026, 11, 22)}, at("2026-11-24T06:45:00-05:00"))

    assert [(one.date, one.is_too_late) for one in found] == [(date(2026, 11, 23), True), (TODAY, False)]


def test_a_new_newsletter_has_missed_nothing() -> None:
    assert due(NEW_YORK, set(), at("2026-11-24T23:00:00-05:00")) == []


def test_days_of_the_week_are_kept() -> None:
    weekdays = Timing(send_at=time(6, 30), zone="America/New_York", days=("mon", "wed"))

    assert due(weekdays, {date(2026, 11, 23)}, at("2026-11-24T08:00:00-05:00")) == []
    assert next_run(weekdays, set(), at("2026-11-24T08:00:00-05:00")).date == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("zone", "hour", "day", "moment"),
    [
        ("Europe/Berlin", time(2, 30), date(2026, 3, 29), "2026-03-29T03:00:00+02:00"),
        ("Europe/Berlin", time(2, 30), date(2026, 3, 30), "2026-03-30T02:30:00+02:00"),
        ("Europe/Berlin", time(2, 30), date(2026, 10, 25), "2026-10-25T02:30:00+02:00"),
        ("America/New_York", time(2, 0), date(2026, 3, 8), "2026-03-08T03:00:00-04:00"),
        ("Asia/Beirut", time(0, 30), date(2026, 3, 29), "2026-03-29T01:00:00+03:00"),
        ("Australia/Lord_Howe", time(2, 15), date(2026, 10, 4), "2026-10-04T02:30:00+11:00"),
        ("Pacific/Apia", time(6, 30), date(2011, 12, 30), "2011-12-31T00:00:00+14:00"),
    ],
)
def test_clock_changes(zone: str, hour: time, day: date, moment: str) -> None:
    assert sending_moment(Timing(send_at=hour, zone=zone), day) == at(moment)


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]),
    start=st.dates(date(2024, 1, 1), date(2027, 12, 1)),
    hour=st.integers(0, 47),
)
def test_every_day_runs_once(zone: str, start: date, hour: int) -> None:
    """Tick through ten days: each date is run exactly once, none is missed."""
    timing = Timing(send_at=time(hour // 2, 30 * (hour % 2)), zone=zone)
    now = datetime.combine(start, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    runs: list[date] = []
    end = now + timedelta(days=10)

    while now < end:
        for one in due(timing, runs, now):
            assert not one.is_too_late
            runs.append(one.date)
        now += timedelta(minutes=30)

    assert len(runs) == len(set(runs))
    assert runs == sorted(runs)
    assert {start + timedelta(days=n) for n in range(1, 9)} <= set(runs)

"""When a newsletter is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Phase
from digest.timetable import (
    LAST_DAY,
    WEEKDAYS,
    Due,
    Timing,
    due,
    edition_date,
    is_day_of,
    last_moment,
    moment_in,
    next_run,
    sending_moment,
)
from tests.clock_changes import HALF_HOURS, Clock, Tally, run_through, sweep

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


# --- days ----------------------------------------------------------------------------------------


def dates_of(timing: Timing, year: int) -> list[str]:
    start = date(year, 1, 1)
    days = [start + timedelta(days=number) for number in range(365)]
    return [day.isoformat() for day in days if is_day_of(timing, day)]


def test_an_excluded_date_has_no_edition_and_misses_none() -> None:
    timing = replace(NEW_YORK, except_dates=frozenset({TODAY}))
    yesterday = {date(2026, 11, 23)}

    assert due(timing, yesterday, at("2026-11-24T07:00:00-05:00")) == []
    assert due(timing, yesterday, at("2026-11-25T00:00:00-05:00")) == []
    assert next_run(timing, yesterday, at("2026-11-24T05:00:00-05:00")).date == date(2026, 11, 25)


def test_a_weekly_edition_comes_once_a_week_and_is_told_when_it_was_missed() -> None:
    weekly = replace(NEW_YORK, days=("fri",))
    friday = date(2026, 11, 20)

    assert due(weekly, {friday}, at("2026-11-26T12:00:00-05:00")) == []
    assert [one.date for one in due(weekly, {friday}, at("2026-11-27T06:30:00-05:00"))] == [
        date(2026, 11, 27)
    ]
    assert [one.is_too_late for one in due(weekly, {friday}, at("2026-11-28T06:30:00-05:00"))] == [True]


def test_days_of_the_month_take_the_place_of_days_of_the_week() -> None:
    timing = replace(NEW_YORK, days=("mon",), month_days=(1, 31, LAST_DAY))

    assert dates_of(timing, 2026)[:6] == [
        "2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-31",
    ]  # fmt: skip
    assert len(dates_of(timing, 2026)) == 24
    assert len(dates_of(replace(timing, month_days=(31,)), 2026)) == 7
    assert is_day_of(timing, date(2028, 2, 29)) and not is_day_of(timing, date(2028, 2, 28))


def test_the_next_run_of_a_rare_day_is_found() -> None:
    timing = replace(NEW_YORK, month_days=(31,), except_dates=frozenset({date(2026, 12, 31)}))

    assert next_run(timing, set(), at("2026-11-24T12:00:00-05:00")).date == date(2027, 1, 31)


# --- phases --------------------------------------------------------------------------------------


EARLY = replace(NEW_YORK, draft_before=timedelta(minutes=30))
BEFORE = {date(2026, 11, 23)}


def phases(timing: Timing, now: str, prepared: set[date] | None = None) -> list[tuple[date, Phase]]:
    return [(one.date, one.phase) for one in due(timing, BEFORE, at(now), prepared=prepared or set())]


def test_the_draft_is_due_before_the_hour_and_the_send_at_it() -> None:
    assert phases(EARLY, "2026-11-24T05:59:40-05:00") == []
    assert phases(EARLY, "2026-11-24T06:00:00-05:00") == [(TODAY, Phase.PREPARE)]
    assert phases(EARLY, "2026-11-24T06:10:00-05:00", prepared={TODAY}) == []
    assert phases(EARLY, "2026-11-24T06:30:00-05:00") == [(TODAY, Phase.SEND)]


def test_the_draft_of_an_edition_just_after_midnight_is_due_the_day_before() -> None:
    timing = replace(EARLY, send_at=time(0, 10))

    assert phases(timing, "2026-11-23T23:40:00-05:00") == [(TODAY, Phase.PREPARE)]
    assert phases(timing, "2026-11-24T00:10:00-05:00", prepared={TODAY}) == [(TODAY, Phase.SEND)]


def test_without_a_lead_there_is_one_phase() -> None:
    assert phases(NEW_YORK, "2026-11-24T06:29:59-05:00") == []


# --- a moment that a person set ------------------------------------------------------------------


def test_a_moment_that_a_person_set_takes_the_place_of_the_hour() -> None:
    moved = {TODAY: at("2026-11-24T09:00:00-05:00")}

    assert due(EARLY, BEFORE, at("2026-11-24T08:00:00-05:00"), moved=moved) == []
    assert [one.phase for one in due(EARLY, BEFORE, at("2026-11-24T08:30:00-05:00"), moved=moved)] == [
        Phase.PREPARE
    ]
    assert [one.at for one in due(EARLY, BEFORE, at("2026-11-24T14:59:00-05:00"), moved=moved)] == [
        moved[TODAY]
    ]
    assert next_run(EARLY, BEFORE, at("2026-11-24T08:00:00-05:00"), moved=moved).at == moved[TODAY]


def test_an_edition_that_a_person_set_goes_out_on_a_day_without_editions() -> None:
    timing = replace(NEW_YORK, days=("mon",))
    moved = {TODAY: at("2026-11-25T09:00:00-05:00")}

    assert [one.date for one in due(timing, BEFORE, at("2026-11-25T09:00:00-05:00"), moved=moved)] == [TODAY]
    assert next_run(timing, BEFORE, at("2026-11-24T09:00:00-05:00"), moved=moved).date == TODAY


# --- readers' own zones --------------------------------------------------------------------------


WORLD = Timing(
    send_at=time(6, 30),
    zone="UTC",
    zones=("America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati", "UTC"),
)


def test_readers_in_many_zones_have_one_run_at_the_first_ones_hour() -> None:
    first = at("2026-11-24T06:30:00+14:00")

    assert sending_moment(WORLD, TODAY) == first
    assert last_moment(WORLD, TODAY) == at("2026-11-24T06:30:00-10:00")
    assert due(WORLD, BEFORE, first) == [Due(date=TODAY, at=first, is_too_late=False)]
    assert due(WORLD, {*BEFORE, TODAY}, at("2026-11-24T11:29:59-05:00")) == []


def test_a_run_for_many_zones_is_too_late_only_when_the_last_one_is() -> None:
    last = last_moment(WORLD, TODAY)

    assert [one.is_too_late for one in due(WORLD, BEFORE, last + timedelta(hours=6))] == [False, False]
    late = due(WORLD, BEFORE, last + timedelta(hours=6, seconds=1))
    assert [(one.date, one.is_too_late) for one in late][:1] == [(TODAY, True)]


def test_an_edition_for_many_zones_has_the_date_of_the_first() -> None:
    assert edition_date(WORLD, at("2026-11-23T16:30:00+00:00")) == TODAY
    assert edition_date(NEW_YORK, at("2026-11-24T03:00:00+00:00")) == date(2026, 11, 23)


# --- clock changes -------------------------------------------------------------------------------


def test_a_year_of_clock_changes_misses_and_doubles_nothing() -> None:
    """A sample: every 24th zone; all of them over ten years are measured by the bench."""
    zones = ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", *sorted(available_timezones())[::24]]

    found = sweep(zones, first_year=2026, years=1)

    assert found == Tally(zones=len(zones), changes=found.changes, cases=found.cases)
    assert found.changes >= 12
    assert found.cases >= 48 * len(zones)


@pytest.mark.parametrize("hour", [time(1, 30), time(2, 0), time(2, 30), time(3, 0)])
def test_a_daemon_that_ticks_every_twenty_seconds_runs_once_through_a_change(hour: time) -> None:
    clock = Clock("Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

    found = sum(
        (run_through(clock, change, hour, step=timedelta(seconds=20)) for change in clock.changes), Tally()
    )

    assert found == Tally(cases=2)


zone_names = st.sampled_from(sorted(available_timezones()))


@given(zone=zone_names, day=st.dates(date(1975, 1, 1), date(2100, 1, 1)), hour=st.sampled_from(HALF_HOURS))
def test_the_hour_is_the_first_instant_at_which_the_clock_shows_it_or_more(
    zone: str, day: date, hour: time
) -> None:
    noon = datetime.combine(day, time(12), UTC)
    clock = Clock(zone, noon - timedelta(days=3), noon + timedelta(days=3))

    assert moment_in(zone, day, hour) == clock.first_showing(datetime.combine(day, hour))


@settings(deadline=None, max_examples=150)
@given(
    zones=st.lists(zone_names, min_size=1, max_size=4),
    start=st.dates(date(2024, 1, 1), date(2034, 12, 1)),
    hour=st.sampled_from(HALF_HOURS),
    lead=st.integers(0, 1440),
    weekdays=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    skipped=st.sets(st.integers(0, 9), max_size=3),
    rests=st.lists(st.integers(10, 180), min_size=1, max_size=20),
)
def test_ticks_at_any_times_run_each_day_once_and_draft_it_first(
    zones: list[str],
    start: date,
    hour: time,
    lead: int,
    weekdays: set[str],
    skipped: set[int],
    rests: list[int],
) -> None:
    timing = Timing(
        send_at=hour,
        zone=zones[0],
        zones=zones,
        days=sorted(weekdays),
        except_dates={start + timedelta(days=number) for number in skipped},
        draft_before=timedelta(minutes=lead),
    )
    runs, at_tick = [start - timedelta(days=1)], 0
    drafts: list[date] = []
    now = datetime.combine(start, time(), ZoneInfo(zones[0])).astimezone(UTC)
    end = now + timedelta(days=10)

    while now < end:
        for one in due(timing, runs, now, prepared=drafts):
            assert not one.is_too_late
            (drafts if one.phase is Phase.PREPARE else runs).append(one.date)
        now += timedelta(minutes=rests[at_tick % len(rests)])
        at_tick += 1

    wanted = {day for n in range(2, 8) if is_day_of(timing, day := start + timedelta(days=n))}
    assert len(runs) == len(set(runs)) and runs == sorted(runs)
    assert len(drafts) == len(set(drafts))
    assert wanted <= set(runs)
    assert all(is_day_of(timing, day) for day in {*runs[1:], *drafts})
    assert not drafts or lead

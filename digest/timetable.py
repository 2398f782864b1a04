"""Decide when a newsletter is due: pure, from its hour, its zones, its days and the runs there were.

`schedule` only ticks. Its own `.at(...)` runs twice after a spring gap and loses a day to a restart a
minute late, so the decision is ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.model import Phase

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_DAY = "last"
"""What stands among the days of the month for each month's last."""
LOOK_BACK = timedelta(days=2)
"""How far back a missed run is still worth telling."""
_WEST = timedelta(hours=36)
"""How long after the start of a UTC date the same date ends where it ends last."""
_EAST = timedelta(hours=15)
"""How long before the start of a UTC date the same date starts where it starts first."""
_NONE_MOVED: Mapping[date, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A newsletter's hour: local time, zone, days, and how late a run may be caught up.

    `zones` are those of the readers where each gets it at the hour where she is: a run begins at the first one's
    hour. Without any, `zone` is meant. Where `month_days` (1 to 31, or `LAST_DAY`) are given, the days of the week
    count for nothing. `draft_before` is how long before the hour the sources are read and the draft is made.
    """

    send_at: time
    zone: str
    zones: Sequence[str] = ()
    days: Sequence[str] = WEEKDAYS
    month_days: Sequence[int | str] = ()
    except_dates: Collection[date] = ()
    too_late: timedelta = timedelta(hours=6)
    draft_before: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A phase of a run whose time has come. `is_too_late`: the run is to be recorded as missed, not made.

    `at` is the hour of sending, of either phase.
    """

    date: date
    at: datetime
    is_too_late: bool
    phase: Phase = Phase.SEND


def due(
    timing: Timing,
    runs: Collection[date],
    now: datetime,
    *,
    prepared: Collection[date] = (),
    moved: Mapping[date, datetime] = _NONE_MOVED,
) -> list[Due]:
    """Return the phases whose time has come, of runs that `runs` (local dates) does not hold, oldest first.

    `runs` holds those of the last four days that need nothing now, and an earlier one where there is any: a
    newsletter without any run yet has missed nothing. `prepared` are the dates whose draft needs nothing now.
    `moved` are the editions that a person set a moment for; they are due then, whatever their day is.

    Of several zones, a run is due at the first one's hour, and too late only where the last one's is.
    """
    found = []
    for day in _days_around(timing, now, moved):
        if day in runs:
            continue
        at = hour_of(timing, day, moved)
        if now < at:
            if at - timing.draft_before <= now and day not in prepared:
                found.append(Due(date=day, at=at, is_too_late=False, phase=Phase.PREPARE))
            continue
        since_last = now - (at if day in moved or not timing.zones else last_moment(timing, day))
        is_late = since_last > timing.too_late
        if not is_late or (since_last <= LOOK_BACK and any(run < day for run in runs)):
            found.append(Due(date=day, at=at, is_too_late=is_late))
    return found


def next_run(
    timing: Timing,
    runs: Collection[date],
    now: datetime,
    *,
    moved: Mapping[date, datetime] = _NONE_MOVED,
) -> Due:
    """Return the next run after now that has not been made."""
    found = [
        Due(date=day, at=at, is_too_late=False) for day, at in moved.items() if at > now and day not in runs
    ]
    day = (now - _WEST).date()
    while True:
        if day not in runs and day not in moved and is_day_of(timing, day):
            at = sending_moment(timing, day)
            if at > now:
                found.append(Due(date=day, at=at, is_too_late=False))
                return min(found, key=lambda one: one.at)
        day += timedelta(days=1)


def is_day_of(timing: Timing, day: date) -> bool:
    """Say whether a newsletter has an edition on a date."""
    if day in timing.except_dates:
        return False
    if not timing.month_days:
        return WEEKDAYS[day.weekday()] in timing.days
    is_last = (day + timedelta(days=1)).day == 1
    return day.day in timing.month_days or (is_last and LAST_DAY in timing.month_days)


def local_date(zone: str, now: datetime) -> date:
    """Return the date that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def edition_date(timing: Timing, now: datetime) -> date:
    """Return the date that an edition made now has: of several zones, the one that it is in the first."""
    return max(local_date(zone, now) for zone in timing.zones or (timing.zone,))


def hour_of(timing: Timing, day: date, moved: Mapping[date, datetime] = _NONE_MOVED) -> datetime:
    """Return when the edition of a date is due: at the moment that a person set, else at its hour."""
    return moved[day] if day in moved else sending_moment(timing, day)


def sending_moment(timing: Timing, day: date) -> datetime:
    """Return the hour on that date in UTC, of several zones the first one's.

    In a spring gap it is the gap's end, of a repeated hour the first.
    """
    return min(moment_in(zone, day, timing.send_at) for zone in timing.zones or (timing.zone,))


def last_moment(timing: Timing, day: date) -> datetime:
    """Return the hour on that date where it comes last."""
    return max(moment_in(zone, day, timing.send_at) for zone in timing.zones or (timing.zone,))


def moment_in(zone_name: str, day: date, hour: time) -> datetime:
    """Return an hour of a date in one zone: in a spring gap the gap's end, of a repeated hour the first."""
    zone = ZoneInfo(zone_name)
    first = datetime.combine(day, hour, zone)
    before = first.utcoffset() or timedelta()
    after = first.replace(fold=1).utcoffset() or timedelta()
    wall = datetime.combine(day, hour, UTC)
    if after <= before:
        return wall - before
    earliest, latest = wall - after, wall - before
    while latest - earliest > timedelta(seconds=1):
        middle = earliest + (latest - earliest) // 2
        if middle.astimezone(zone).utcoffset() == before:
            earliest = middle
        else:
            latest = middle
    return latest.replace(microsecond=0)


def is_zone(name: str) -> bool:
    """Say whether a name is that of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _days_around(timing: Timing, now: datetime, moved: Mapping[date, datetime]) -> Iterator[date]:
    """Yield the dates whose run can be due or worth telling now, oldest first."""
    moment = now.astimezone(UTC)
    day = (moment - LOOK_BACK - _WEST).date()
    last = (moment + timing.draft_before + _EAST).date()
    around = []
    while day <= last:
        if is_day_of(timing, day):
            around.append(day)
        day += timedelta(days=1)
    yield from sorted({*around, *moved}) if moved else around

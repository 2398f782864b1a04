"""Decide when a newsletter is due: pure, from its hour, its zone and the runs there were.

`schedule` only ticks. Its own `.at(...)` runs twice after a spring gap and loses a day to a restart a
minute late, so the decision is ours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_BACK = timedelta(days=2)
"""How far back a missed run is still worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A newsletter's hour: local time, zone, days of the week, and how late a run may be caught up."""

    send_at: time
    zone: str
    days: Sequence[str] = WEEKDAYS
    too_late: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run whose hour has come. `is_too_late`: it is to be recorded as missed, not run."""

    date: date
    at: datetime
    is_too_late: bool


def due(timing: Timing, runs: Collection[date], now: datetime) -> list[Due]:
    """Return the runs whose hour has come and that `runs` (local dates) does not hold, oldest first.

    A newsletter without any run yet has missed nothing.
    """
    found = []
    day = (now - LOOK_BACK - timedelta(days=1)).astimezone(ZoneInfo(timing.zone)).date()
    while (at := sending_moment(timing, day)) <= now:
        if WEEKDAYS[day.weekday()] in timing.days and day not in runs:
            late = now - at > timing.too_late
            if not late or (now - at <= LOOK_BACK and any(run < day for run in runs)):
                found.append(Due(date=day, at=at, is_too_late=late))
        day += timedelta(days=1)
    return found


def next_run(timing: Timing, runs: Collection[date], now: datetime) -> Due:
    """Return the next run after now that has not been made."""
    day = now.astimezone(ZoneInfo(timing.zone)).date() - timedelta(days=1)
    while True:
        at = sending_moment(timing, day)
        if at > now and WEEKDAYS[day.weekday()] in timing.days and day not in runs:
            return Due(date=day, at=at, is_too_late=False)
        day += timedelta(days=1)


def local_date(zone: str, now: datetime) -> date:
    """Return the date that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def sending_moment(timing: Timing, day: date) -> datetime:
    """Return the hour on that date in UTC: in a spring gap the gap's end, of a repeated hour the first."""
    zone = ZoneInfo(timing.zone)
    wall = datetime.combine(day, timing.send_at)
    before, after = (wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    if after <= before:
        return wall.replace(tzinfo=zone).astimezone(UTC)
    earliest = (wall - after).replace(tzinfo=UTC)
    latest = (wall - before).replace(tzinfo=UTC)
    while latest - earliest > timedelta(seconds=1):
        middle = earliest + (latest - earliest) // 2
        if middle.astimezone(zone).utcoffset() == before:
            earliest = middle
        else:
            latest = middle
    return latest.replace(microsecond=0)

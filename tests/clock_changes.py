"""Run a newsletter through the clock changes of a zone, tick by tick, and count what is missed or made twice.

What is expected is reckoned from the offsets alone: an edition is due at the first instant at which its zone's clock
shows its hour or a later one. Nothing here asks for a fold or a gap, as the timetable does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.model import Phase
from digest.timetable import Timing, due

HALF_HOURS = tuple(time(number // 2, 30 * (number % 2)) for number in range(48))
TICK = timedelta(seconds=20)
DRAFT_BEFORE = timedelta(minutes=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted. `misplaced`: runs that began at another tick than the first one at or after their hour."""

    zones: int = 0
    changes: int = 0
    cases: int = 0
    missed: int = 0
    doubled: int = 0
    misplaced: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.zones + other.zones,
            self.changes + other.changes,
            self.cases + other.cases,
            self.missed + other.missed,
            self.doubled + other.doubled,
            self.misplaced + other.misplaced,
        )


class Clock:
    """A zone's clock between two moments, as the offsets that it has from one change to the next."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        self.zone = zone
        self._zone = ZoneInfo(zone)
        self.changes = list(self._find_changes(start, end))
        bounds = [start, *self.changes]
        self._spans = list(zip(bounds, [*self.changes, end], map(self._offset, bounds), strict=True))

    def first_showing(self, wall: datetime) -> datetime:
        """Return the first instant at which the clock shows a wall time or a later one."""
        for since, until, offset in self._spans:
            found = max(since, (wall - offset).replace(tzinfo=UTC))
            if found < until:
                return found
        raise ValueError(wall)

    def date_at(self, moment: datetime) -> date:
        """Return the date that the clock shows."""
        return moment.astimezone(self._zone).date()

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self._zone).utcoffset() or timedelta()

    def _find_changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        before = self._offset(start)
        while start < end:
            after = self._offset(start + _DAY)
            if after != before:
                yield self._narrow(start, start + _DAY)
                before = after
            start += _DAY

    def _narrow(self, earliest: datetime, latest: datetime) -> datetime:
        before = self._offset(earliest)
        while latest - earliest > timedelta(seconds=1):
            middle = earliest + timedelta(seconds=(latest - earliest).total_seconds() // 2)
            if self._offset(middle) == before:
                earliest = middle
            else:
                latest = middle
        return latest


def sweep(zones: Iterable[str], *, first_year: int, years: int) -> Tally:
    """Run each half hour of the day as the hour through each change of each zone; a zone without, through one day."""
    total = Tally()
    start, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(first_year + years, 1, 1, tzinfo=UTC)
    for zone in zones:
        clock = Clock(zone, start, end)
        for moment in clock.changes or [start + (end - start) / 2]:
            for hour in HALF_HOURS:
                total += run_through(clock, moment, hour, step=timedelta(hours=2))
        total += Tally(zones=1, changes=len(clock.changes))
    return total


def run_through(clock: Clock, moment: datetime, hour: time, *, step: timedelta) -> Tally:
    """Tick from the day before a moment to the day after it, and count the runs of these three days.

    A tick falls `TICK` before each hour, on it and after it, likewise around the moment and each draft's; others
    are a `step` apart.
    """
    middle = clock.date_at(moment)
    days = [middle - _DAY, middle, middle + _DAY]
    hours = {day: clock.first_showing(datetime.combine(day, hour)) for day in days}
    timing = Timing(send_at=hour, zone=clock.zone, draft_before=DRAFT_BEFORE)
    runs = {days[0] - number * _DAY: moment for number in range(1, 5)}
    drafts: list[date] = []
    made: list[date] = []
    missed = 0
    for now in _ticks(hours[days[0]], hours[days[2]], [moment, *hours.values()], step):
        for one in due(timing, runs, now, prepared=drafts):
            if one.phase is Phase.PREPARE:
                drafts.append(one.date)
            elif one.is_too_late:
                missed += 1
            else:
                made.append(one.date)
                runs[one.date] = now
    return Tally(
        cases=1,
        missed=missed + sum(day not in made for day in days) + sum(day not in drafts for day in days),
        doubled=len(made)
        - len(set(made))
        + len(drafts)
        - len(set(drafts))
        + len({*made, *drafts} - set(days)),
        misplaced=sum(runs.get(day) != at for day, at in hours.items()),
    )


def _ticks(first: datetime, last: datetime, moments: Sequence[datetime], step: timedelta) -> list[datetime]:
    start, end = first - DRAFT_BEFORE - TICK, last + timedelta(hours=6)
    ticks = {moment + shift for moment in moments for shift in (-TICK, timedelta(), TICK)}
    ticks |= {moment - DRAFT_BEFORE for moment in moments}
    while start < end:
        ticks.add(start)
        start += step
    return sorted(ticks)

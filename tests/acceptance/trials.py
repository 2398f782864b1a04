"""What the real daemon is put through, a little in the tests and for long in the soak."""

from __future__ import annotations

import random
import tempfile
import threading
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.deliver.sink import open_sink
from tests.acceptance.service import Service

LIMITS = {
    "changes: editions missing": 0.0,
    "changes: twice": 0.0,
    "changes: lost": 0.0,
    "changes: most seconds late": 900.0,
    "kills: twice": 0.0,
    "kills: lost": 0.0,
    "two daemons: twice": 0.0,
    "two daemons: lost": 0.0,
}
DRAFT = timedelta(minutes=30)
FIRST = date(2026, 3, 10)
HOUR = time(1, 30, tzinfo=UTC)
"""02:30 in Berlin, in winter."""
CHANGES = (
    ("Europe/Berlin", "02:30", date(2026, 3, 29)),
    ("Europe/Berlin", "02:30", date(2026, 10, 25)),
    ("America/New_York", "02:30", date(2026, 3, 8)),
    ("America/New_York", "01:30", date(2026, 11, 1)),
    ("Asia/Beirut", "00:30", date(2026, 3, 29)),
    ("Asia/Beirut", "23:30", date(2026, 10, 24)),
    ("Australia/Lord_Howe", "02:15", date(2026, 10, 4)),
    ("Australia/Lord_Howe", "01:45", date(2026, 4, 5)),
)
"""Zones, an hour that the change leaves out or repeats, and the day of the change."""
MOST_WAIT = 4.0
"""Seconds that a daemon is let live at most before it is killed: starting, preparing and sending take about as long."""


def measure(*, kills: int, pairs: int) -> dict[str, float]:
    """Pass every change of the year, kill the daemon so often over ten days, start two together so often."""
    started = clock.monotonic()
    figures: dict[str, float] = {"changes": len(CHANGES)}
    passed = [_passed(*one) for one in CHANGES]
    figures["changes: editions missing"] = sum(3 - one["editions"] for one in passed)
    figures |= {f"changes: {key}": sum(one[key] for one in passed) for key in ("twice", "lost", "sent")}
    figures["changes: most seconds late"] = max(one["most seconds late"] for one in passed)
    with _service(readers=[f"r{number}@example.org" for number in range(30)]) as service:
        found = kill_at_random(service, kills=kills, days=10, chance=random.Random(kills))
        figures |= {f"kills: {key}": count for key, count in found.items()}
    with _service() as service:
        figures |= {f"two daemons: {key}": count for key, count in start_two(service, times=pairs).items()}
    return figures | {"minutes": round((clock.monotonic() - started) / 60, 1)}


def _passed(zone: str, send_at: str, day: date) -> dict[str, float]:
    with _service(zone=zone, send_at=send_at) as service:
        return pass_change(service, day)


@contextmanager
def _service(
    *, zone: str = "Europe/Berlin", send_at: str = "02:30", readers: list[str] | None = None
) -> Iterator[Service]:
    """Give a service in a folder of its own, with a mail server of its own."""
    with tempfile.TemporaryDirectory() as folder, open_sink() as sink:
        service = Service(folder=Path(folder), sink=sink, zone=zone, send_at=send_at)
        if readers:
            service = Service(folder=Path(folder), sink=sink, readers=readers)
        try:
            yield service
        finally:
            service.close()


def pass_change(service: Service, day: date) -> dict[str, float]:
    """Let the daemon make the editions of the day of a change and of its neighbours; count what came of it."""
    days = [day + timedelta(days=number) for number in (-1, 0, 1)]
    service.move_to(_hour_of(service, days[0]) - DRAFT - timedelta(hours=1))
    service.start()
    done = 0
    for one in days:
        hour = _hour_of(service, one)
        service.put_story(one)
        service.move_to(hour - DRAFT)
        done += service.see_through(one, hour=hour)
    late = [
        abs(at - _hour_of(service, one).timestamp())
        for at, one in zip(service.sent_at(days), days, strict=False)
    ]
    return {**service.verdict(days), "editions": done, "most seconds late": round(max(late, default=0.0))}


def kill_at_random(service: Service, *, kills: int, days: int, chance: random.Random) -> dict[str, int]:
    """Kill the daemon, mostly with its children, at random instants over so many days, and start it again each time."""
    done, pause = 0, threading.Event()
    dates = list(_dates(days))
    service.move_to(datetime.combine(dates[0], HOUR) - DRAFT - timedelta(hours=1))
    for number, day in enumerate(dates, start=1):
        hour = datetime.combine(day, HOUR)
        service.put_story(day)
        service.move_to(hour - DRAFT)
        while done < kills * number // days:
            service.start()
            service.see_through(day, hour=hour, seconds=chance.uniform(0.1, MOST_WAIT))
            pause.wait(chance.uniform(0, 0.3))
            service.kill(with_children=chance.random() < 0.8)
            done += 1
        service.start()
        assert service.see_through(day, hour=hour, seconds=120), service.log[-4000:]
        service.kill()
    return service.verdict(dates) | {"kills": done}


def start_two(service: Service, *, times: int) -> dict[str, int]:
    """Start two daemons together so often, a day each; count what came of it."""
    dates = list(_dates(times))
    for day in dates:
        hour = datetime.combine(day, HOUR)
        service.put_story(day)
        service.move_to(hour - DRAFT)
        service.start_together(2)
        assert service.see_through(day, hour=hour, seconds=120), service.log[-4000:]
        service.kill()
    return service.verdict(dates) | {"times": times}


def _dates(count: int) -> Iterator[date]:
    return (FIRST + timedelta(days=number) for number in range(count))


def _hour_of(service: Service, day: date) -> datetime:
    """Return the hour in UTC, worked out apart from the timetable: minute by minute through the day."""
    wanted, zone = time.fromisoformat(service.send_at), ZoneInfo(service.zone)
    moment = datetime.combine(day, time(), tzinfo=UTC) - timedelta(hours=15)
    while True:
        local = moment.astimezone(zone)
        if local.date() == day and local.time() >= wanted:
            return moment
        moment += timedelta(minutes=1)

"""The real daemon under a moved clock: over a change of the year, killed at any moment, and beside another."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.deliver.sink import Sink
from tests.acceptance.service import LIBRARY, Service, wait_until
from tests.acceptance.trials import DRAFT, kill_at_random, start_two
from tests.conftest import needs


@pytest.fixture
def make_service(tmp_path: Path, mailbox: Sink) -> Iterator[Callable[..., Service]]:
    needs("faketime", LIBRARY)
    made: list[Service] = []

    def make(**options: object) -> Service:
        made.append(Service(folder=tmp_path / str(len(made)), sink=mailbox, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for service in made:
        service.close()


def test_over_the_spring_gap_there_is_one_edition_a_day_at_its_hour(
    make_service: Callable[..., Service],
) -> None:
    service = make_service(zone="Europe/Berlin", send_at="02:30")
    hours = [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]
    service.move_to(hours[0] - DRAFT - timedelta(hours=1))
    service.start()
    for hour in hours:
        service.put_story(hour.date())
        service.move_to(hour - DRAFT)
        assert service.see_through(hour.date(), hour=hour), service.log

    days = [hour.date() for hour in hours]
    assert service.verdict(days) == {"twice": 0, "lost": 0, "doubt": 0, "sent": 4}
    assert service.sent_at(days) == pytest.approx([hour.timestamp() for hour in hours], abs=900)


def test_killed_at_any_moment_each_reader_has_each_edition_once_or_is_listed(
    make_service: Callable[..., Service],
) -> None:
    service = make_service(readers=[f"r{number}@example.org" for number in range(30)])

    found = kill_at_random(service, kills=3, days=1, chance=random.Random(3))

    assert (found["kills"], found["twice"], found["lost"]) == (3, 0, 0)
    assert found["sent"] + found["doubt"] >= 30


def test_of_two_daemons_started_together_one_sends(make_service: Callable[..., Service]) -> None:
    service = make_service()

    found = start_two(service, times=2)

    assert found == {"times": 2, "twice": 0, "lost": 0, "doubt": 0, "sent": 4}


def test_told_to_stop_the_daemon_stops_and_with_a_broken_configuration_it_goes_on(
    make_service: Callable[..., Service],
) -> None:
    service = make_service()
    hour = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
    service.move_to(hour - DRAFT - timedelta(minutes=5))
    daemon = service.start()
    wait_until(lambda: "this daemon is at work" in service.log, daemon)
    service.put_story(date(2026, 3, 10))
    service.config.write_text("[newsletters.daily]\nsend_at = 'noon'\n", encoding="utf-8")

    assert service.see_through(hour.date(), hour=hour), service.log
    daemon.send_signal(signal.SIGTERM)

    assert daemon.wait(30) == 0
    assert "the configuration stays as it was" in service.log
    assert service.verdict([hour.date()])["sent"] == 2

"""The daemon starts what is due, once, rests after a failure and says what it did."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.daemon import BOX_EVERY, PAUSE, Daemon
from digest.model import DeliveryState, EditionName, Halt, RunState
from digest.process import process_name
from digest.store.database import open_database
from digest.store.mailing import Mailing
from digest.store.runs import Runs
from digest.timetable import Timing

DAY = date(2026, 11, 24)
HOUR = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=DAY)
TICK = timedelta(seconds=20)


class House:
    """A store, a clock and a daemon whose children end with the exit code that is set."""

    def __init__(self, engine: Engine) -> None:
        self.runs = Runs(engine)
        self.mailing = Mailing(engine, secret=lambda: b"s" * 32)
        self.time = HOUR
        self.exit_code = 0
        self.started: list[str] = []
        self.children: list[subprocess.Popen[bytes]] = []

    def daemon(
        self, *, resends_doubts: bool = False, asks_about_doubts: bool = False, reads_box: bool = False
    ) -> Daemon:
        return Daemon(
            timings={"daily": Timing(send_at=time(6, 30), zone="UTC")},
            runs=self.runs,
            waiting=self.mailing,
            start=self.start,
            owner=process_name(),
            now=lambda: self.time,
            resends_doubts=resends_doubts,
            asks_about_doubts=asks_about_doubts,
            reads_box=reads_box,
        )

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        self.started.append(" ".join(arguments))
        child = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({self.exit_code})"])
        self.children.append(child)
        return child

    def tick(self, daemon: Daemon, after: timedelta = TICK) -> None:
        """Let the children end, the clock go on, and the daemon tick."""
        for child in self.children:
            child.wait()
        self.time += after
        daemon.tick()

    def deliver(self, state: DeliveryState) -> None:
        """Leave an edition with one delivery in that state, since now."""
        self.mailing.add("daily", "ada@example.org", consent="asked", now=self.time)
        self.mailing.fill(EDITION, domain="example.org", now=self.time)
        (taken,) = self.mailing.lease(EDITION, owner="me", limit=1, now=self.time, until=self.time)
        self.mailing.record([replace(taken, state=state, doubts=1)], now=self.time)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")
    made = House(engine)
    yield made
    for child in made.children:
        child.wait()
    engine.dispose()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="digest.daemon")
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_run_starts_at_its_hour_and_the_log_line_names_it(
    house: House, told: Callable[[], list[str]]
) -> None:
    house.time = HOUR - TICK
    daemon = house.daemon()
    daemon.tick()
    assert house.started == []

    house.tick(daemon)

    assert house.started == ["run daily --date 2026-11-24"]
    assert told() == ["starting newsletter=daily command='run daily --date 2026-11-24'"]


@pytest.mark.parametrize("state", [RunState.DONE, RunState.QUIET, RunState.WAITING, RunState.MISSED])
def test_a_settled_run_is_not_started(house: House, state: RunState) -> None:
    house.runs.finish("daily", DAY, state, now=HOUR)

    house.daemon().tick()

    assert house.started == []


def test_a_missed_run_is_told_once_and_never_over_a_failure(
    house: House, told: Callable[[], list[str]]
) -> None:
    house.runs.finish("daily", DAY - timedelta(days=1), RunState.DONE, now=HOUR)
    daemon = house.daemon()
    house.tick(daemon, timedelta(hours=7))
    house.tick(daemon)

    assert told() == ["run missed newsletter=daily date=2026-11-24"]
    assert house.runs.latest("daily")[0].state is RunState.MISSED

    house.runs.finish("daily", DAY, RunState.FAILED, now=HOUR, note="the server was away")
    house.tick(daemon)

    assert house.runs.latest("daily")[0].note == "the server was away"
    assert len(told()) == 1


@pytest.mark.parametrize("code", [1, 2])
def test_after_a_child_that_failed_its_newsletter_rests(
    house: House, told: Callable[[], list[str]], code: int
) -> None:
    house.exit_code = code
    daemon = house.daemon()
    daemon.tick()

    house.tick(daemon)
    assert told()[-1] == f"run failed newsletter=daily exit_code={code} pause_minutes=5"
    house.tick(daemon, PAUSE - TICK)
    assert len(house.started) == 1
    house.tick(daemon)
    assert len(house.started) == 2


def test_after_a_child_that_ended_well_the_next_one_starts_at_once(house: House) -> None:
    house.exit_code = 3
    house.runs.finish("daily", DAY, RunState.DONE, now=HOUR)
    house.deliver(DeliveryState.QUEUED)
    daemon = house.daemon()
    daemon.tick()
    house.tick(daemon)

    assert house.started == ["send daily/2026-11-24 --wait-seconds 0"] * 2


def test_doubts_that_have_settled_are_sent_again_where_that_is_wanted(house: House) -> None:
    house.runs.finish("daily", DAY, RunState.DONE, now=HOUR)
    house.deliver(DeliveryState.DOUBT)
    holding, resending = house.daemon(), house.daemon(resends_doubts=True)

    house.tick(resending)
    assert house.started == []
    house.tick(holding, timedelta(minutes=2))
    assert house.started == []
    house.tick(resending)

    assert house.started == ["send daily/2026-11-24 --wait-seconds 0"]


def test_doubts_that_the_log_can_settle_are_asked_about_ever_more_rarely(house: House) -> None:
    house.runs.finish("daily", DAY, RunState.DONE, now=HOUR)
    house.deliver(DeliveryState.DOUBT)
    daemon = house.daemon(asks_about_doubts=True)

    asked_after = []
    for minute in range(240):
        before = len(house.started)
        house.tick(daemon, timedelta(minutes=1))
        asked_after += [minute] if len(house.started) > before else []

    assert set(house.started) == {"send daily/2026-11-24 --wait-seconds 0"}
    assert asked_after == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_paused_send_is_not_asked_about(house: House) -> None:
    house.runs.finish("daily", DAY, RunState.DONE, now=HOUR)
    house.deliver(DeliveryState.DOUBT)
    house.mailing.halt(EDITION, Halt.PAUSED, now=house.time)

    house.tick(house.daemon(asks_about_doubts=True))

    assert house.started == []


def test_the_box_of_bounces_is_read_every_few_minutes_beside_the_runs(house: House) -> None:
    house.time = HOUR - 4 * BOX_EVERY
    daemon = house.daemon(reads_box=True)
    daemon.tick()
    house.tick(daemon)
    assert house.started == ["bounces"]

    house.tick(daemon, BOX_EVERY)
    assert house.started == ["bounces"] * 2

    house.exit_code = 1
    house.tick(daemon, BOX_EVERY)
    house.time = HOUR - TICK
    house.tick(daemon)
    assert house.started[2:] == ["bounces", "run daily --date 2026-11-24"]

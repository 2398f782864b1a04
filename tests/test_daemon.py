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

from digest.children import PAUSE
from digest.daemon import BOX_EVERY, Daemon, Plan
from digest.errors import ConfigError
from digest.model import DeliveryState, EditionName, Halt, Phase, RunState
from digest.phases import CATCH_UP
from digest.pipeline.marking import is_restored
from digest.process import process_name
from digest.sent_marks import SentMarks
from digest.signals import Signals
from digest.store.database import open_database, reading
from digest.store.editions import Editions
from digest.store.leases import STANDS_STILL_SECONDS, Lease
from digest.store.mailing import Mailing
from digest.store.runs import Runs
from digest.timetable import Timing

DAY = date(2026, 11, 24)
HOUR = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITION = EditionName(newsletter="daily", date=DAY)
TICK = timedelta(seconds=20)


PREPARE = "run daily --date 2026-11-24 --phase prepare"
SEND = "run daily --date 2026-11-24 --phase send"
DRAFT = timedelta(minutes=30)
TIMING = Timing(send_at=time(6, 30), zone="UTC", draft_before=DRAFT)
HANGS = "import time; time.sleep(600)"


class House:
    """A store, a clock and daemons whose children end with the exit code that is set, or hang."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.runs = Runs(engine)
        self.editions = Editions(engine)
        self.mailing = Mailing(engine, secret=lambda: b"s" * 32)
        self.marks = SentMarks(folder / "sent")
        self.time = HOUR
        self.exit_code = 0
        self.hangs = False
        self.hours: dict[date, datetime] = {}
        self.started: list[str] = []
        self.told: list[tuple[str, str, str]] = []
        self.children: list[subprocess.Popen[bytes]] = []
        self.plans: list[Plan | ConfigError] = []
        self.beats = 0

    def daemon(
        self,
        *,
        resends_doubts: bool = False,
        asks_about_doubts: bool = False,
        reads_box: bool = False,
        tidies: bool = False,
        owner: str = "",
    ) -> Daemon:
        return Daemon(
            plan=Plan(
                timings=lambda: {"daily": TIMING},
                start=self.start,
                resends_doubts=resends_doubts,
                asks_about_doubts=asks_about_doubts,
                reads_box=reads_box,
                tidies=tidies,
            ),
            runs=self.runs,
            waiting=self.mailing,
            past=self,
            lease=Lease(self.engine, owner=owner or process_name()),
            owner=owner or process_name(),
            now=lambda: self.time,
            tell=self.tell,
            reload=self.reload,
            watch=lambda: self.time.timestamp(),
            beat=self.beat,
        )

    def set_hours(self, newsletter: str, *, since: date) -> dict[date, datetime]:
        return {day: at for day, at in self.hours.items() if day >= since}

    def is_restored(self, name: EditionName) -> bool:
        return is_restored(self.marks, self.editions, self.mailing, name)

    def tell_restored(self, name: EditionName) -> str:
        return f"{name} was sent before"

    def tell(self, newsletter: str, what: str, key: str, text: str) -> None:
        self.told.append((newsletter, what, key))

    def beat(self) -> None:
        self.beats += 1

    def reload(self, is_asked: bool) -> Plan | None:
        if not self.plans:
            return None
        plan = self.plans.pop()
        if isinstance(plan, ConfigError):
            raise plan
        return plan

    def run_is(self, state: RunState, *, phase: Phase, ended: timedelta = timedelta()) -> None:
        """Let the run of the day be in that state, since so long before or after the hour."""
        self.runs.claim("daily", DAY, owner="elsewhere:1", now=HOUR + ended, phase=phase)
        if state is not RunState.RUNNING:
            self.runs.finish("daily", DAY, state, now=HOUR + ended, owner="elsewhere:1")

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        self.started.append(" ".join(arguments))
        code = HANGS if self.hangs else f"raise SystemExit({self.exit_code})"
        child = subprocess.Popen([sys.executable, "-c", code])
        self.children.append(child)
        return child

    def tick(self, daemon: Daemon, after: timedelta = TICK) -> None:
        """Let the children end, the clock go on, and the daemon tick."""
        for child in self.children:
            if not self.hangs:
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
    made = House(engine, tmp_path)
    yield made
    for child in made.children:
        child.kill()
        child.wait()
    engine.dispose()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="digest")
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def house_before(house: House) -> House:
    house.time = HOUR - DRAFT - TICK
    return house


def test_a_draft_is_made_before_the_hour_and_sent_at_it(
    house_before: House, told: Callable[[], list[str]]
) -> None:
    house, daemon = house_before, house_before.daemon()
    daemon.tick()
    assert house.started == []

    house.tick(daemon)
    assert house.started == [PREPARE]
    house.run_is(RunState.PREPARED, phase=Phase.PREPARE, ended=-DRAFT)
    house.tick(daemon, DRAFT - TICK)
    assert house.started == [PREPARE]
    house.tick(daemon)

    assert house.started == [PREPARE, SEND]
    assert told() == [
        "this daemon is at work",
        f"starting newsletter=daily command='{PREPARE}'",
        f"starting newsletter=daily command='{SEND}'",
    ]


def test_feeds_that_hang_do_not_move_the_hour(house_before: House) -> None:
    house, daemon = house_before, house_before.daemon()
    house.hangs = True
    house.tick(daemon)
    house.run_is(RunState.RUNNING, phase=Phase.PREPARE, ended=-DRAFT)
    house.tick(daemon, DRAFT - TICK)
    assert house.started == [PREPARE]

    house.tick(daemon)

    assert house.started == [PREPARE, SEND]
    assert house.children[0].returncode is not None
    assert house.children[1].poll() is None


def test_caught_up_late_a_preparation_has_a_few_minutes_and_no_more(house: House) -> None:
    house.time, house.hangs = HOUR + timedelta(hours=2), True
    daemon = house.daemon()
    daemon.tick()
    house.run_is(RunState.RUNNING, phase=Phase.PREPARE, ended=timedelta(hours=2))

    house.tick(daemon, CATCH_UP - TICK)
    assert house.started == [PREPARE]
    house.tick(daemon)

    assert house.started == [PREPARE, SEND]


@pytest.mark.parametrize(
    ("phase", "state", "since", "started"),
    [
        (Phase.PREPARE, RunState.RUNNING, timedelta(hours=-1), SEND),
        (Phase.SEND, RunState.RUNNING, timedelta(hours=-1), SEND),
        (Phase.PREPARE, RunState.FAILED, timedelta(minutes=-1), SEND),
        (Phase.SEND, RunState.FAILED, timedelta(minutes=-10), PREPARE),
        (Phase.WHOLE, RunState.RUNNING, timedelta(minutes=-1), PREPARE),
        (Phase.WHOLE, RunState.WAITING, timedelta(minutes=-50), SEND),
        (Phase.PREPARE, RunState.PREPARED, timedelta(minutes=-20), SEND),
    ],
)
def test_what_was_broken_off_or_left_for_the_hour_is_taken_up(
    house: House, phase: Phase, state: RunState, since: timedelta, started: str
) -> None:
    house.run_is(state, phase=phase, ended=since)
    house.runs.let_go("daily", DAY, owner="elsewhere:1")

    house.daemon().tick()

    assert house.started == [started]


def test_an_edition_goes_out_at_the_moment_that_a_person_set(house: House) -> None:
    house.hours[DAY] = HOUR + timedelta(hours=9)
    house.run_is(RunState.WAITING, phase=Phase.SEND)
    daemon = house.daemon()
    house.tick(daemon, timedelta(hours=9) - TICK)
    assert house.started == []

    house.tick(daemon)

    assert house.started == [SEND]


def test_an_edition_whose_hour_is_long_past_is_missed_though_it_was_prepared(house: House) -> None:
    house.run_is(RunState.PREPARED, phase=Phase.PREPARE, ended=-DRAFT)
    house.runs.finish("daily", DAY - timedelta(days=1), RunState.DONE, now=HOUR)
    house.time = HOUR + timedelta(hours=7)

    house.daemon().tick()

    assert house.started == []
    assert house.runs.latest("daily")[0].state is RunState.MISSED
    assert house.told == [("daily", "missed", "2026-11-24")]


def test_a_store_that_was_restored_sends_nothing_again(house: House) -> None:
    house.runs.finish("daily", DAY - timedelta(days=1), RunState.DONE, now=HOUR)
    house.marks.write(EDITION, 57)
    daemon = house.daemon()

    house.tick(daemon)
    house.tick(daemon)

    assert house.started == []
    assert house.told == [("daily", "restored", "2026-11-24")]
    assert house.runs.latest("daily")[0].state is RunState.DONE


def test_a_store_restored_from_the_middle_of_a_send_sends_nothing_again(house: House) -> None:
    house.run_is(RunState.RUNNING, phase=Phase.SEND)
    house.runs.let_go("daily", DAY, owner="elsewhere:1")
    house.deliver(DeliveryState.QUEUED)
    house.marks.write(EDITION, 1)

    house.daemon().tick()

    assert house.started == []
    assert house.told == [("daily", "restored", "2026-11-24")]


def test_of_two_daemons_one_works_and_the_other_takes_over_within_a_minute(
    house: House, told: Callable[[], list[str]]
) -> None:
    house.time = HOUR - timedelta(hours=3)
    first, second = house.daemon(owner="here:1"), house.daemon(owner="there:1")
    for _ in range(6):
        first.tick()
        house.tick(second)
    assert (first.is_at_work, second.is_at_work) == (True, False)

    died_at = house.time
    while not second.is_at_work:
        house.tick(second, timedelta(seconds=5))

    assert STANDS_STILL_SECONDS <= (house.time - died_at).total_seconds() + 20 <= 65
    assert "another daemon is at work on this store; waiting" in told()
    first.tick()
    assert not first.is_at_work


def test_a_broken_configuration_is_told_and_the_old_one_stays(
    house_before: House, told: Callable[[], list[str]]
) -> None:
    house, daemon = house_before, house_before.daemon()
    house.plans = [ConfigError(["newsletters.daily.send_at: 'noon' is no time"])]

    house.tick(daemon)

    assert house.started == [PREPARE]
    assert "the configuration stays as it was: newsletters.daily.send_at: 'noon' is no time" in told()
    assert [what for _, what, _ in house.told] == ["configuration"]


def test_a_new_configuration_counts_at_once(house_before: House) -> None:
    house, daemon = house_before, house_before.daemon()
    weekly = Timing(send_at=time(6, 0), zone="UTC", draft_before=DRAFT)
    house.plans = [Plan(timings=lambda: {"weekly": weekly}, start=house.start)]

    house.tick(daemon)

    assert house.started == ["run weekly --date 2026-11-24 --phase prepare"]


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

    assert told() == ["this daemon is at work", "run missed newsletter=daily date=2026-11-24"]
    assert house.runs.latest("daily")[0].state is RunState.MISSED

    house.runs.finish("daily", DAY, RunState.FAILED, now=HOUR, note="the server was away")
    house.tick(daemon)

    assert house.runs.latest("daily")[0].note == "the server was away"
    assert len(told()) == 2
    assert house.told == [("daily", "missed", "2026-11-24")]


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
    house.time = HOUR - DRAFT - 4 * BOX_EVERY
    daemon = house.daemon(reads_box=True)
    daemon.tick()
    house.tick(daemon)
    assert house.started == ["bounces"]

    house.tick(daemon, BOX_EVERY)
    assert house.started == ["bounces"] * 2

    house.exit_code = 1
    house.tick(daemon, BOX_EVERY)
    house.time = HOUR - DRAFT - TICK
    house.tick(daemon)
    assert house.started[2:] == ["bounces", PREPARE]


def test_the_store_is_tidied_once_a_day_beside_the_runs(house: House) -> None:
    house.time = HOUR - DRAFT - timedelta(hours=2)
    daemon = house.daemon(tidies=True)
    daemon.tick()
    house.tick(daemon, timedelta(hours=1))
    assert house.started == ["tidy"]

    house.time += timedelta(days=1)
    house.tick(daemon)
    assert house.started.count("tidy") == 2


def test_a_store_that_cannot_be_written_is_told_once_and_the_next_run_still_happens(
    house_before: House, told: Callable[[], list[str]]
) -> None:
    house, daemon = house_before, house_before.daemon()
    house.time += TICK

    for is_read_only in ("ON", "ON", "OFF"):
        with reading(house.engine) as connection:
            connection.exec_driver_sql(f"PRAGMA query_only={is_read_only}")
        with Signals() as signals:
            signals.stop()
            daemon.run(signals)

    assert house.started == [PREPARE]
    faults = [line for line in told() if line.startswith("nothing can be started")]
    assert len(faults) == 1
    assert "attempt to write a readonly database" in faults[0]
    assert "the store can be used again" in told()
    assert [what for _, what, _ in house.told] == ["store"]

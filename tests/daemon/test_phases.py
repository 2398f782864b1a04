"""The daemon starts what is due, once, rests after a failure and says what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from digest.children import PAUSE
from digest.model import DeliveryState, Phase, RunState
from digest.phases import CATCH_UP
from tests.daemon.house import DAY, DRAFT, HOUR, PREPARE, SEND, TICK, House


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


def test_the_store_is_tidied_once_a_day_beside_the_runs(house: House) -> None:
    house.time = HOUR - DRAFT - timedelta(hours=2)
    daemon = house.daemon(tidies=True)
    daemon.tick()
    house.tick(daemon, timedelta(hours=1))
    assert house.started == ["tidy"]

    house.time += timedelta(days=1)
    house.tick(daemon)
    assert house.started.count("tidy") == 2

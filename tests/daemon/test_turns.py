"""Beside the runs: another daemon, a changed configuration, a store that fails or is older, doubts, and bounces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

from digest.daemon import BOX_EVERY, Plan
from digest.errors import ConfigError
from digest.model import DeliveryState, Halt, Phase, RunState
from digest.signals import Signals
from digest.store.database import reading
from digest.store.leases import STANDS_STILL_SECONDS
from digest.timetable import Timing
from tests.daemon.house import DAY, DRAFT, EDITION, HOUR, PREPARE, TICK, House


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

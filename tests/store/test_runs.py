"""A run is claimed once, and taken over only from the dead."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from digest.model import RunState
from digest.store.runs import LEASE, RETRY_AFTER, Runs, process_name

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
DAY = date(2026, 11, 24)


def test_only_one_of_many_gets_the_run(engine: Engine) -> None:
    runs = Runs(engine)
    got: list[str] = []

    def claim(owner: str) -> None:
        if runs.claim("daily", DAY, owner=owner, now=NOW):
            got.append(owner)

    threads = [threading.Thread(target=claim, args=(f"elsewhere:{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1


@pytest.mark.parametrize("state", [RunState.DONE, RunState.QUIET, RunState.MISSED])
def test_a_finished_run_is_never_claimed_again(engine: Engine, state: RunState) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    runs.finish("daily", DAY, state, now=NOW, note="so it was")

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW + timedelta(days=1)) is None
    run = runs.find("daily", DAY)
    assert run is not None
    assert (run.state, run.note, run.ended_at) == (state, "so it was", NOW)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.WAITING])
def test_a_failed_or_waiting_run_is_taken_up(engine: Engine, state: RunState) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    runs.finish("daily", DAY, state, now=NOW)

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW) is not None


def test_a_lease_that_ran_out_is_taken_over_unless_it_was_extended(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    late = NOW + LEASE + timedelta(seconds=1)

    runs.extend("daily", DAY, owner="elsewhere:1", now=NOW + timedelta(minutes=1))

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=late) is None
    assert runs.claim("daily", DAY, owner="elsewhere:2", now=late + timedelta(minutes=1)) is not None


def test_a_dead_process_of_this_machine_holds_nothing(engine: Engine) -> None:
    runs = Runs(engine)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = process_name().rpartition(":")[0]

    runs.claim("daily", DAY, owner=f"{host}:{ended.pid}", now=NOW)

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW) is not None


def test_what_needs_no_run_now(engine: Engine) -> None:
    runs = Runs(engine)
    for day, state in ((20, RunState.DONE), (21, RunState.WAITING), (22, RunState.FAILED)):
        runs.finish("daily", date(2026, 11, day), state, now=NOW)
    runs.claim("daily", date(2026, 11, 23), owner="elsewhere:1", now=NOW)

    def settled(now: datetime) -> list[int]:
        return sorted(
            d.day for d in runs.settled_dates("daily", since=date(2026, 11, 1), owner="me:1", now=now)
        )

    assert settled(NOW) == [20, 21, 22, 23]
    assert settled(NOW + RETRY_AFTER) == [20, 21, 23]
    assert settled(NOW + LEASE) == [20, 21]
    assert [run.date.day for run in runs.latest("daily", limit=2)] == [23, 22]

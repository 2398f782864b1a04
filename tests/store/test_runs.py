"""A run is claimed once, and taken over only from the dead."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from subprocess import PIPE

import pytest
from sqlalchemy import Engine

from digest.model import Phase, RunState
from digest.store.runs import LEASE, Runs

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
DAY = date(2026, 11, 24)
NAME = "from digest.process import process_name; print(process_name(), flush=True); input()"


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


def test_a_run_that_is_done_is_never_claimed_again(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    runs.finish("daily", DAY, RunState.DONE, now=NOW, note="so it was")

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW + timedelta(days=1)) is None
    run = runs.find("daily", DAY)
    assert run is not None
    assert (run.state, run.note, run.ended_at) == (RunState.DONE, "so it was", NOW)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.WAITING, RunState.QUIET, RunState.MISSED])
def test_a_run_that_is_not_done_is_taken_up_when_asked_for(engine: Engine, state: RunState) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    runs.finish("daily", DAY, state, now=NOW)

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW) is not None


def test_only_who_holds_a_run_ends_it(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    runs.claim("daily", DAY, owner="elsewhere:2", now=NOW + LEASE)

    assert not runs.finish("daily", DAY, RunState.FAILED, now=NOW, owner="elsewhere:1")
    assert not runs.finish("weekly", DAY, RunState.FAILED, now=NOW, owner="elsewhere:1")
    assert runs.latest("daily")[0].state is RunState.RUNNING
    assert runs.find("weekly", DAY) is None
    assert runs.finish("daily", DAY, RunState.DONE, now=NOW, owner="elsewhere:2")
    assert runs.latest("daily")[0].state is RunState.DONE


def test_a_missed_run_is_recorded_only_where_nothing_is_known(engine: Engine) -> None:
    runs = Runs(engine)
    runs.finish("daily", DAY, RunState.FAILED, now=NOW, note="the server was away")

    assert not runs.mark_missed("daily", DAY, now=NOW, note="nothing ran")
    assert runs.mark_missed("weekly", DAY, now=NOW, note="nothing ran")

    kept = [runs.find(name, DAY) for name in ("daily", "weekly")]
    assert [(run.state, run.note) for run in kept if run] == [
        (RunState.FAILED, "the server was away"),
        (RunState.MISSED, "nothing ran"),
    ]


def test_a_lease_that_ran_out_is_taken_over_unless_it_was_extended(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW)
    late = NOW + LEASE + timedelta(seconds=1)

    runs.extend("daily", DAY, owner="elsewhere:1", now=NOW + timedelta(minutes=1))

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=late) is None
    assert runs.claim("daily", DAY, owner="elsewhere:2", now=late + timedelta(minutes=1)) is not None


def test_of_a_process_on_this_machine_its_life_counts_and_not_its_lease(engine: Engine) -> None:
    runs = Runs(engine)
    with subprocess.Popen([sys.executable, "-c", NAME], stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout is not None
        runs.claim("daily", DAY, owner=other.stdout.readline().strip(), now=NOW)
        assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW + 8 * LEASE) is None
        assert runs.standings("daily", since=DAY, owner="elsewhere:2", now=NOW + 8 * LEASE)[DAY].is_held
        other.kill()
        other.wait()

    assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW) is not None


def test_who_sends_takes_the_run_from_who_prepares_and_nobody_else_does(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW, phase=Phase.PREPARE)

    for phase in (Phase.PREPARE, Phase.WHOLE):
        assert runs.claim("daily", DAY, owner="elsewhere:2", now=NOW, phase=phase) is None
    taken = runs.claim("daily", DAY, owner="elsewhere:2", now=NOW, phase=Phase.SEND)

    assert taken is not None
    assert taken.phase is Phase.SEND
    assert not runs.finish("daily", DAY, RunState.PREPARED, now=NOW, owner="elsewhere:1")
    assert runs.claim("daily", DAY, owner="elsewhere:3", now=NOW, phase=Phase.SEND) is None


def test_a_run_broken_off_keeps_its_start_and_one_tried_again_has_a_new_one(engine: Engine) -> None:
    runs = Runs(engine)
    later = NOW + timedelta(minutes=3)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW, phase=Phase.PREPARE)
    runs.let_go("daily", DAY, owner="elsewhere:1")

    taken_up = runs.claim("daily", DAY, owner="elsewhere:2", now=later, phase=Phase.PREPARE)
    runs.finish("daily", DAY, RunState.FAILED, now=later, owner="elsewhere:2")
    again = runs.claim("daily", DAY, owner="elsewhere:2", now=later, phase=Phase.PREPARE)

    assert [run.started_at for run in (taken_up, again) if run] == [NOW, later]


def test_a_run_that_was_only_prepared_is_missed_when_its_hour_is_long_past(engine: Engine) -> None:
    runs = Runs(engine)
    runs.claim("daily", DAY, owner="elsewhere:1", now=NOW, phase=Phase.PREPARE)
    runs.finish("daily", DAY, RunState.PREPARED, now=NOW, owner="elsewhere:1")

    assert runs.mark_missed("daily", DAY, now=NOW, note="nothing ran")
    assert not runs.mark_missed("daily", DAY, now=NOW, note="nothing ran")
    assert runs.standings("daily", since=DAY, owner="me:1", now=NOW)[DAY].run.state is RunState.MISSED

"""Of several daemons on one store one has its place, by nobody's clock, and it is taken over from a dead one."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from subprocess import PIPE

from sqlalchemy import Engine

from digest.store.leases import STANDS_STILL_SECONDS, Lease

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
NAME = "from digest.process import process_name; print(process_name(), flush=True); input()"


def test_of_many_that_start_together_one_gets_the_place(engine: Engine) -> None:
    got = []

    def take(number: int) -> None:
        if Lease(engine, owner=f"machine-{number}:1").take(now=NOW, watch=0.0):
            got.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1


def test_who_beats_keeps_the_place_and_who_stands_still_loses_it(engine: Engine) -> None:
    first, second = (Lease(engine, owner=f"machine-{number}:1") for number in (1, 2))
    assert first.take(now=NOW, watch=0.0)
    for second_passed in range(0, 300, 20):
        assert first.take(now=NOW, watch=7e6 + second_passed)
        assert not second.take(now=NOW, watch=float(second_passed))

    assert not second.take(now=NOW, watch=280 + STANDS_STILL_SECONDS - 1)
    assert second.take(now=NOW, watch=280 + STANDS_STILL_SECONDS)
    assert not first.take(now=NOW, watch=7e6 + 400)
    assert second.holder() == "machine-2:1"


def test_a_dead_process_of_this_machine_loses_the_place_at_once(engine: Engine) -> None:
    with subprocess.Popen([sys.executable, "-c", NAME], stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        assert Lease(engine, owner=name).take(now=NOW, watch=0.0)
        assert not Lease(engine, owner="here:1").take(now=NOW, watch=0.0)
        other.kill()
        other.wait()

    assert Lease(engine, owner="here:1").take(now=NOW, watch=0.0)


def test_a_place_given_up_is_free_and_only_its_holder_gives_it_up(engine: Engine) -> None:
    first, second = (Lease(engine, owner=f"machine-{number}:1") for number in (1, 2))
    first.take(now=NOW, watch=0.0)

    second.give_up()
    assert not second.take(now=NOW, watch=0.0)
    first.give_up()
    assert second.take(now=NOW, watch=0.0)

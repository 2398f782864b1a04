"""A store or a clock that fails in the middle of a send: nobody gets two, nobody is lost, and it goes on after."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from digest.deliver.dispatch import Counts, Plan, dispatch, utc_now
from digest.deliver.session import MailServer
from digest.deliver.smtp import SmtpTransport
from digest.model import DeliveryState as S
from digest.store.mailing import Mailing
from tests.conftest import needs
from tests.deliver.killing import fill
from tests.deliver.sample import EDITION
from tests.deliver.sender import CONNECTIONS, start_sender
from tests.deliver.servers import Mailbag, good_server
from tests.deliver.test_dispatch import make_message
from tests.postgres import find_binaries, make_database, postgres_server

READERS = 120
Progress = Callable[[int, int], None]


def send(
    mailing: Mailing,
    bag: Mailbag,
    *,
    clock: Callable[[], datetime] = utc_now,
    on_progress: Progress = lambda done, total: None,
) -> Counts:
    return dispatch(
        mailing,
        EDITION,
        transport_factory=lambda: SmtpTransport(MailServer(port=bag.port, timeout_seconds=5)),
        make_message=make_message,
        plan=Plan(connections=3, lease=timedelta(seconds=1), rate_per_second=150),
        clock=clock,
        on_progress=on_progress,
    )


def nobody_twice_nobody_lost(mailing: Mailing, bag: Mailbag, *, doubts: int = 0) -> None:
    """Hold what arrived against the outbox; at most so many are in doubt."""
    counts = mailing.counts(EDITION)
    times = Counter(reader for reader, _ in bag.messages)
    states = {one.address: one.state for one in mailing.list_deliveries(EDITION)}

    assert max(times.values()) == 1
    assert sum(counts.values()) == counts[S.SENT] + counts[S.DOUBT] == READERS
    assert counts[S.DOUBT] <= doubts
    assert all(state is S.DOUBT or times[reader] == 1 for reader, state in states.items())


def at_a_third(act: Callable[[], None]) -> Callable[[Mailbag], threading.Thread]:
    """Do something, once, when a third has arrived."""

    def start(bag: Mailbag) -> threading.Thread:
        enough = bag.expect(READERS // 3)
        thread = threading.Thread(target=lambda: act() if enough.wait(30) else None, daemon=True)
        thread.start()
        return thread

    return start


def test_a_full_disk_ends_the_send_and_the_next_one_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/digest.db"
    mailing = fill(url, READERS)
    mailing._engine.dispose()

    with good_server() as bag:
        assert start_sender(url, bag.port, largest_file=200_000).wait(60) == 1
        assert 0 < len(bag.messages) < READERS
        assert sum(mailing.counts(EDITION).values()) == READERS
        assert start_sender(url, bag.port).wait(60) == 0

    nobody_twice_nobody_lost(mailing, bag, doubts=CONNECTIONS)


def test_a_store_that_is_locked_for_a_while_is_waited_for(tmp_path: Path) -> None:
    mailing = fill(f"sqlite:///{tmp_path}/digest.db", READERS)
    other = sqlite3.connect(tmp_path / "digest.db", isolation_level=None, check_same_thread=False)

    def lock() -> None:
        other.execute("BEGIN IMMEDIATE")
        threading.Event().wait(1.5)
        other.execute("ROLLBACK")

    with good_server() as bag:
        locking = at_a_third(lock)(bag)
        counts = send(mailing, bag)
        locking.join()

    assert counts[S.SENT] == READERS
    nobody_twice_nobody_lost(mailing, bag)
    other.close()


def test_a_clock_set_back_keeps_nobody_waiting(tmp_path: Path) -> None:
    mailing = fill(f"sqlite:///{tmp_path}/digest.db", READERS)
    shift = timedelta()

    def clock() -> datetime:
        return utc_now() + shift

    def set_back() -> None:
        nonlocal shift
        shift = timedelta(hours=-5)

    with good_server() as bag:
        at_a_third(set_back)(bag)
        counts = send(mailing, bag, clock=clock)

    assert counts[S.SENT] == READERS
    nobody_twice_nobody_lost(mailing, bag)


@pytest.mark.slow
def test_a_postgresql_that_is_restarted_in_mid_send_costs_nobody_a_message() -> None:
    binaries = find_binaries()
    needs("PostgreSQL", binaries)
    assert binaries is not None
    with postgres_server(binaries) as folder:
        mailing = fill(make_database(folder, f"trouble_{uuid4().hex[:12]}"), READERS)
        with good_server() as bag:
            restarting = at_a_third(lambda: restart(binaries, folder))(bag)
            send(mailing, bag)
            restarting.join()
            send(mailing, bag)

        nobody_twice_nobody_lost(mailing, bag, doubts=3)
        mailing._engine.dispose()


def restart(binaries: Path, folder: Path) -> None:
    """Stop the server without asking anyone, and start it again."""
    from tests.postgres import _other_user

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    command = [*_other_user(folder), str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    for words in (["-m", "immediate", "stop"], ["-l", str(folder / "log"), "-o", options, "start"]):
        subprocess.run([*command, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL)

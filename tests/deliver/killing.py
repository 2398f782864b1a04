"""Kill senders at random instants, and see what became of everyone: for the tests, and for hours by `make soak`."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW
from tests.deliver.sender import CONNECTIONS, start_sender

LONGEST_ROUND = 0.25
LONGEST_SEND = 1800
"""Seconds: a soak leaves tens of thousands of messages to a real Postfix."""
STOPPED_FOR = 2.5
"""Seconds; more than twice a lease of these senders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """What so many kills did: readers who got two, who got none and are not in doubt, who are in doubt.

    `adds_up` says that after every kill the counts were as many as the readers; `is_just` that whoever has
    nothing is listed in doubt, and that there are no more doubts than a connection a kill.
    """

    kills: int
    twice: int
    lost: int
    doubts: int
    adds_up: bool
    is_just: bool


def fill(url: str, readers: int) -> Mailing:
    """Return a filled outbox."""
    mailing = Mailing(open_database(url), secret=lambda: b"s" * 32)
    mailing.ensure_readers("daily", [f"r{number}@example.org" for number in range(readers)], now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    return mailing


def kill_senders(
    mailing: Mailing,
    *,
    kills: int,
    start: Callable[[], subprocess.Popen[bytes]],
    began: Callable[[], int],
    chance: random.Random,
) -> bool:
    """Start a sender and kill it, so often, a moment after it has got through to the server.

    `began` counts what the server has got so far. Then send to the end. Says whether the counts always added up.
    """
    readers = sum(mailing.counts(EDITION).values())
    adds_up = True
    for _ in range(kills):
        before = began()
        process = start()
        while began() == before and process.poll() is None:
            threading.Event().wait(0.002)
        threading.Event().wait(chance.uniform(0, LONGEST_ROUND))
        process.kill()
        process.wait()
        adds_up = adds_up and sum(mailing.counts(EDITION).values()) == readers
    _send_to_the_end(start)
    return adds_up


def disturb_two_senders(
    mailing: Mailing,
    *,
    times: int,
    start: Callable[[], subprocess.Popen[bytes]],
    began: Callable[[], int],
    chance: random.Random,
) -> bool:
    """Let two senders share an outbox on PostgreSQL, and trouble one of them, so often, in one of three ways.

    It is killed, or its connections to the store are ended, or it is stopped until its lease is over and wakes up
    again. Then send to the end. Says whether the counts always added up.
    """
    readers = sum(mailing.counts(EDITION).values())
    adds_up = True
    two = [start(), start()]
    for number in range(times):
        before = began()
        while began() == before and any(one.poll() is None for one in two):
            threading.Event().wait(0.002)
        threading.Event().wait(chance.uniform(0, LONGEST_ROUND))
        victim = chance.randrange(2)
        match number % 3:
            case 0:
                two[victim].kill()
            case 1:
                end_connections(mailing)
            case _:
                two[victim].send_signal(signal.SIGSTOP)
                threading.Event().wait(STOPPED_FOR)
                two[victim].send_signal(signal.SIGCONT)
        adds_up = adds_up and sum(mailing.counts(EDITION).values()) == readers
        two = [one if one.poll() is None else start() for one in two]
    for one in two:
        one.wait(LONGEST_SEND)
    _send_to_the_end(start)
    return adds_up


def _send_to_the_end(start: Callable[[], subprocess.Popen[bytes]]) -> None:
    last = start()
    try:
        assert last.wait(LONGEST_SEND) == 0
    finally:
        last.kill()


def end_connections(mailing: Mailing) -> None:
    """End everyone else's connections to a PostgreSQL store."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with mailing._engine.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


def toll(mailing: Mailing, arrived: list[str], *, kills: int, adds_up: bool) -> Toll:
    """Count what became of everyone."""
    times = Counter(arrived)
    states = {one.address: one.state for one in mailing.list_deliveries(EDITION)}
    doubtful = {address for address, state in states.items() if state is S.DOUBT}
    missing = set(states) - set(times)
    settled = all(state in (S.SENT, S.DOUBT) for state in states.values())
    return Toll(
        kills=kills,
        twice=sum(count > 1 for count in times.values()),
        lost=len(missing - doubtful),
        doubts=len(doubtful),
        adds_up=adds_up and settled and set(times) <= set(states),
        is_just=missing <= doubtful and len(doubtful) <= kills * CONNECTIONS,
    )


def wait_until(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        threading.Event().wait(0.02)


class WordCount:
    """Count a word in a file that grows: each call reads what is new, line by line."""

    def __init__(self, path: Path, word: bytes) -> None:
        self._path, self._word = path, word
        self._place = self._count = 0

    def __call__(self) -> int:
        with self._path.open("rb") as file:
            file.seek(self._place)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._place += len(whole)
        self._count += whole.count(self._word)
        return self._count


__all__ = ["Toll", "WordCount", "fill", "kill_senders", "start_sender", "toll", "wait_until"]

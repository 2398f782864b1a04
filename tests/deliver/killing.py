"""Kill senders at random instants, and see what became of everyone: for the tests, and for hours by `make soak`."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW
from tests.deliver.sender import CONNECTIONS, start_sender

LONGEST_ROUND = 0.25


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
    assert start().wait(600) == 0
    return adds_up


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


def lines_of(path: Path, word: bytes) -> int:
    """Count a word in a file."""
    return path.read_bytes().count(word)


__all__ = ["Toll", "fill", "kill_senders", "lines_of", "start_sender", "toll", "wait_until"]

"""Commits of the outbox: shared by those who report at about the same time, and never late for long."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from digest.deliver.ledger import Ledger
from digest.deliver.loop import LONGEST_LINGER, Loop, Readiness
from digest.model import Delivery
from digest.store.mailing import Mailing
from tests.deliver.conftest import Fill
from tests.deliver.sample import EDITION, NOW


class Counting(Mailing):
    """A store that knows how many deliveries each commit wrote."""

    def __init__(self, filled: Mailing) -> None:
        super().__init__(filled._engine, secret=lambda: b"s" * 32)
        self.commits: list[int] = []

    def record(self, changed: Sequence[Delivery], *, now: datetime) -> list[bool]:
        self.commits.append(len(changed))
        return super().record(changed, now=now)


def begin_two(outbox: Counting, *, reporting: int) -> list[bool]:
    """Begin two deliveries, the second upon a word that the first speaks before it rests."""
    first, second = outbox.lease(EDITION, owner="me", limit=2, now=NOW, until=NOW)
    ledger = Ledger(outbox, clock=lambda: NOW, sleep=time.sleep)
    mouth, ear = socket.socketpair()

    async def speak() -> bool:
        mouth.send(b"!")
        return await ledger.begin(first)

    async def listen() -> bool:
        await Readiness(ear, time.monotonic() + 5)
        return await ledger.begin(second)

    with mouth, ear, closing(Loop(ledger.write, lambda: ledger.is_early(reporting))) as loop:
        tasks = [loop.start(listen()), loop.start(speak())]
        while not all(task.is_done for task in tasks):
            loop.turn(5)
    return [task.result for task in tasks]


def test_who_reports_in_the_same_moment_shares_a_commit(fill: Fill) -> None:
    outbox = Counting(fill(2))

    begun = begin_two(outbox, reporting=2)

    assert begun == [True, True]
    assert outbox.commits == [2]


def test_nobody_waits_for_those_who_cannot_come(fill: Fill) -> None:
    outbox = Counting(fill(2))

    begun = begin_two(outbox, reporting=1)

    assert begun == [True, True]
    assert outbox.commits == [1, 1]


def test_nobody_waits_long_for_those_who_do_not_come(fill: Fill) -> None:
    outbox = Counting(fill(2))

    started = time.monotonic()
    begun = begin_two(outbox, reporting=3)

    assert begun == [True, True]
    assert outbox.commits == [2]
    assert LONGEST_LINGER <= time.monotonic() - started < 2

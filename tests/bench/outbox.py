"""What bookkeeping costs: the outbox of 100,000 readers filled, its memory, and a reader at 10,000 and at 100,000.

Each size is sent in a process of its own, through a transport that takes everything at once: what is left is leases,
messages and commits, on SQLite as it ships (WAL, synchronous FULL). The cost is in seconds of the processor, which
other work on the machine does not change.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time

from digest.deliver.dispatch import Plan, dispatch, utc_now
from digest.deliver.links import Links, Signer
from digest.deliver.message import build_message, envelope_maker
from digest.model import DeliveryState, Envelope, Outcome
from digest.ports import BeforeDot, always
from digest.store.database import open_database
from digest.store.mailing import Mailing
from digest.store.rehearsing import make_readers
from tests.deliver.sample import EDITION, NOW, make_newsletter, make_rendered

LIMITS = {"seconds_to_fill_100000": 10.0, "megabytes_at_100000": 300.0, "cost_of_100000_to_10000": 1.25}
FEW, MANY = 10_000, 100_000
CONNECTIONS = 16


class Nowhere:
    """A transport that takes everything."""

    async def open(self) -> None:
        """Be ready."""

    async def send(self, envelope: Envelope, *, before_dot: BeforeDot = always) -> Outcome:
        """Take a message."""
        assert await before_dot()
        return Outcome(state=DeliveryState.SENT, reply="250 Kept")

    async def close(self) -> None:
        """Be done."""


def measure() -> dict[str, float]:
    """Send to few and to many; return seconds, memory and the ratio of what a reader costs."""
    few, many = _run(FEW), _run(MANY)
    return {
        "seconds_to_fill_100000": many["fill"],
        "megabytes_at_100000": many["megabytes"],
        "cost_of_100000_to_10000": (many["work"] / MANY) / (few["work"] / FEW),
        "readers_a_second_of_10000": FEW / few["send"],
        "readers_a_second_of_100000": MANY / many["send"],
    }


def _run(readers: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.outbox", str(readers)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return dict(zip(("fill", "send", "work", "megabytes"), map(float, told), strict=True))


def _send(readers: int) -> None:
    """Fill and send; print the seconds of each, those of the processor while sending, and the megabytes at most."""
    newsletter = make_newsletter()
    make_message = envelope_maker(
        build_message(make_rendered(), newsletter),
        newsletter,
        Links(Signer(b"k" * 32), newsletter),
        now=utc_now,
    )
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/digest.db")
        mailing = Mailing(engine, secret=lambda: b"s" * 32)
        make_readers(engine, "daily", readers, now=NOW)
        started = time.perf_counter()
        mailing.fill(EDITION, domain="example.org", now=NOW)
        filled, worked = time.perf_counter(), time.process_time()
        counts = dispatch(
            mailing,
            EDITION,
            transport_factory=Nowhere,
            make_message=make_message,
            plan=Plan(connections=CONNECTIONS),
        )
        sent, work = time.perf_counter(), time.process_time() - worked
        engine.dispose()
    assert counts[DeliveryState.SENT] == readers
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(filled - started, sent - filled, work, megabytes)


if __name__ == "__main__":
    _send(int(sys.argv[1]))

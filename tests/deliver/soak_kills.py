"""Kill senders for a long time: against a real Postfix with its log and without, and two senders on PostgreSQL."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.deliver.killing import Toll, WordCount, disturb_two_senders, fill, kill_senders, start_sender, toll
from tests.deliver.postfix import postfix_server
from tests.deliver.sender import CONNECTIONS
from tests.postgres import find_binaries, make_database, postgres_server

READERS_A_KILL = 50
LIMITS = {
    "log: twice": 0.0,
    "log: lost": 0.0,
    "log: in doubt": 0.0,
    "no log: twice": 0.0,
    "no log: lost": 0.0,
    "postgresql: twice": 0.0,
    "postgresql: lost": 0.0,
    "counts that did not add up": 0.0,
}


def measure(*, kills: int, troubles: int) -> dict[str, float]:
    """Kill so often against Postfix, with and without its log, and trouble two senders on PostgreSQL so often."""
    started = time.monotonic()
    with_log = _against_postfix(kills, has_resolver=True)
    without = _against_postfix(kills, has_resolver=False)
    on_postgresql = _on_postgresql(troubles)
    told = {"log": with_log, "no log": without, "postgresql": on_postgresql}
    figures: dict[str, float] = {}
    for name, found in told.items():
        figures |= {
            f"{name}: kills": found.kills,
            f"{name}: twice": found.twice,
            f"{name}: lost": found.lost,
            f"{name}: in doubt": found.doubts,
        }
    wrong = sum(not (found.adds_up and found.is_just) for found in told.values())
    minutes = round((time.monotonic() - started) / 60, 1)
    return figures | {"counts that did not add up": wrong, "connections": CONNECTIONS, "minutes": minutes}


def _against_postfix(kills: int, *, has_resolver: bool) -> Toll:
    readers = kills * READERS_A_KILL
    with tempfile.TemporaryDirectory() as folder, postfix_server() as postfix:
        url = f"sqlite:///{folder}/digest.db"
        mailing = fill(url, readers)
        log: Path | None = postfix.log_file if has_resolver else None
        adds_up = kill_senders(
            mailing,
            kills=kills,
            start=lambda: start_sender(url, postfix.port, log),
            began=WordCount(postfix.log_file, b"message-id="),
            chance=random.Random(kills),
        )
        arrived = [reader for reader, _ in postfix.wait_for(readers, seconds=30 if has_resolver else 10)]
        found = toll(mailing, arrived, kills=kills, adds_up=adds_up)
        mailing._engine.dispose()
    return found


def _on_postgresql(troubles: int) -> Toll:
    binaries = find_binaries()
    assert binaries is not None, "PostgreSQL is not installed: 'make system' installs it"
    with postgres_server(binaries) as folder, postfix_server() as postfix:
        url = make_database(folder, "soak")
        mailing = fill(url, troubles * 2 * READERS_A_KILL)
        adds_up = disturb_two_senders(
            mailing,
            times=troubles,
            start=lambda: start_sender(url, postfix.port),
            began=WordCount(postfix.log_file, b"message-id="),
            chance=random.Random(troubles),
        )
        arrived = [reader for reader, _ in postfix.wait_for(troubles * 2 * READERS_A_KILL, seconds=10)]
        found = toll(mailing, arrived, kills=troubles, adds_up=adds_up)
        mailing._engine.dispose()
    return found

"""A sender killed in the middle, again and again: nobody gets two, and who got none is listed in doubt."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from digest.model import DeliveryState as S
from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW
from tests.deliver.sender import CONNECTIONS
from tests.deliver.servers import good_server
from tests.postgres import make_database

READERS = 200
KILLS = 5


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_sender_killed_at_any_instant_sends_nobody_two_and_loses_nobody(
    request: pytest.FixtureRequest, tmp_path: Path, store: str
) -> None:
    if store == "sqlite":
        url = f"sqlite:///{tmp_path}/digest.db"
    else:
        url = make_database(request.getfixturevalue("postgres"), f"kill_{uuid4().hex[:12]}")
    mailing = Mailing(open_database(url), secret=lambda: b"s" * 32)
    mailing.ensure_readers("daily", [f"r{number}@example.org" for number in range(READERS)], now=NOW)
    mailing.fill(EDITION, domain="example.org", now=NOW)
    chance = random.Random(store)

    with good_server() as bag:
        for _ in range(KILLS):
            enough = bag.expect(len(bag.messages) + chance.randint(1, READERS // KILLS - 8))
            process = start_sender(url, bag.port)
            assert enough.wait(60)
            process.kill()
            process.wait()
        assert start_sender(url, bag.port).wait(60) == 0

    counts = mailing.counts(EDITION)
    arrived = Counter(recipient for recipient, _ in bag.messages)
    doubtful = {one.address for one in mailing.list_deliveries(EDITION, [S.DOUBT])}
    sent = {one.address for one in mailing.list_deliveries(EDITION, [S.SENT])}
    assert max(arrived.values()) == 1
    assert sum(counts.values()) == counts[S.SENT] + counts[S.DOUBT] == READERS
    assert sent <= set(arrived)
    assert {f"r{number}@example.org" for number in range(READERS)} - set(arrived) <= doubtful
    assert len(doubtful) <= KILLS * CONNECTIONS


def start_sender(url: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.deliver.sender", url, str(port)])

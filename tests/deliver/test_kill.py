"""A sender killed in the middle, again and again: nobody gets two, and who got none is listed in doubt."""

from __future__ import annotations

import random
from pathlib import Path
from uuid import uuid4

import pytest

from tests.deliver.killing import WordCount, disturb_two_senders, fill, kill_senders, start_sender, toll
from tests.deliver.postfix import postfix_server
from tests.deliver.servers import good_server
from tests.postgres import make_database

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
    mailing = fill(url, 200)

    with good_server() as bag:
        adds_up = kill_senders(
            mailing,
            kills=KILLS,
            start=lambda: start_sender(url, bag.port),
            began=lambda: len(bag.messages),
            chance=random.Random(store),
        )
        found = toll(mailing, [reader for reader, _ in bag.messages], kills=KILLS, adds_up=adds_up)

    assert (found.twice, found.lost) == (0, 0)
    assert found.adds_up
    assert found.is_just


@pytest.mark.slow
def test_with_the_log_of_a_real_postfix_nobody_is_left_in_doubt(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/digest.db"
    mailing = fill(url, 500)

    with postfix_server() as postfix:
        adds_up = kill_senders(
            mailing,
            kills=KILLS,
            start=lambda: start_sender(url, postfix.port, postfix.log_file),
            began=WordCount(postfix.log_file, b"message-id="),
            chance=random.Random(6),
        )
        arrived = [reader for reader, _ in postfix.wait_for(500)]
        found = toll(mailing, arrived, kills=KILLS, adds_up=adds_up)

    assert (found.twice, found.lost, found.doubts) == (0, 0, 0)
    assert found.adds_up
    assert len(arrived) == 500


@pytest.mark.slow
def test_two_senders_on_postgresql_killed_cut_off_and_stopped_send_nobody_two(postgres: Path) -> None:
    url = make_database(postgres, f"kill_{uuid4().hex[:12]}")
    mailing = fill(url, 400)

    with good_server() as bag:
        adds_up = disturb_two_senders(
            mailing,
            times=3,
            start=lambda: start_sender(url, bag.port),
            began=lambda: len(bag.messages),
            chance=random.Random(3),
        )
        found = toll(mailing, [reader for reader, _ in bag.messages], kills=3, adds_up=adds_up)

    assert (found.twice, found.lost) == (0, 0)
    assert found.adds_up
    assert found.is_just

"""What the tests of the daemon use."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.store.database import open_database
from tests.daemon.house import DRAFT, HOUR, TICK, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")
    made = House(engine, tmp_path)
    yield made
    for child in made.children:
        child.kill()
        child.wait()
    engine.dispose()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, logger="digest")
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def house_before(house: House) -> House:
    house.time = HOUR - DRAFT - TICK
    return house

"""An outbox in a real store, filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.store.database import open_database
from digest.store.mailing import Mailing
from tests.deliver.sample import EDITION, NOW

Fill = Callable[[int], Mailing]


@pytest.fixture
def fill(tmp_path: Path) -> Iterator[Fill]:
    """Return what makes an outbox with so many deliveries queued, to r0@example.org and so on."""
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")

    def filled(count: int) -> Mailing:
        mailing = Mailing(engine, secret=lambda: b"s" * 32)
        mailing.ensure_readers("daily", [f"r{number}@example.org" for number in range(count)], now=NOW)
        mailing.fill(EDITION, domain="example.org", now=NOW)
        return mailing

    yield filled
    engine.dispose()

"""A new store for each test, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from digest.store.database import open_database
from tests.postgres import make_database


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return an engine on a new store."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/digest.db"
    else:
        url = make_database(request.getfixturevalue("postgres"), f"store_{uuid4().hex[:12]}")
    made = open_database(url)
    yield made
    made.dispose()

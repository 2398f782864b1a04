"""A new store for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.store.database import open_database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Return an engine on a new store."""
    made = open_database(f"sqlite:///{tmp_path}/digest.db")
    yield made
    made.dispose()

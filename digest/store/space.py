"""Give the disk back what was removed: SQLite's file keeps its free pages until it is written anew."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from digest.errors import StoreError
from digest.model import DeliveryState, RunState
from digest.process import is_alive, is_dead
from digest.store.database import reading
from digest.store.tables import deliveries, runs

LEAST_FREE = 1 / 3
LEAST_BYTES = 1_000_000
"""A file is written anew where a third of it is free, and that is worth it."""
MOST_BYTES = 1_000_000_000
"""With more than this in use writers would wait too long: 10 seconds a gigabyte were measured, and they wait for 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The bytes of a store's file, and how many of them are free."""

    size: int
    free: int

    @property
    def is_wasted(self) -> bool:
        """Say whether writing the file anew is worth it."""
        return self.free >= LEAST_BYTES and self.free >= LEAST_FREE * self.size


def measure(engine: Engine) -> Space | None:
    """Return the space of a store's file; None on PostgreSQL, whose autovacuum sees to it."""
    if engine.dialect.name != "sqlite":
        return None
    with reading(engine) as connection:
        size, pages, free = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_size", "page_count", "freelist_count")
        )
    return Space(size=size * pages, free=size * free)


def compact(engine: Engine) -> None:
    """Write SQLite's file anew without its free pages. Raises StoreError where that cannot be, and nothing is lost."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        try:
            raw.execute("VACUUM")  # on the driver's connection: no transaction may be open
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as exc:
            raise StoreError(
                f"The store's file could not be made smaller ({exc}). Nothing was lost."
            ) from exc


def find_worker(engine: Engine, *, now: datetime) -> str | None:
    """Say what is under way on a store, in words that follow "while"; None where nothing is."""
    held = (str(DeliveryState.LEASED), str(DeliveryState.INFLIGHT))
    sends = select(deliveries.c.newsletter, deliveries.c.date, deliveries.c.owner, deliveries.c.lease_until)
    works = select(runs.c.newsletter, runs.c.date, runs.c.owner, runs.c.lease_until)
    with reading(engine) as connection:
        found = [
            *connection.execute(sends.where(deliveries.c.state.in_(held)).distinct()),
            *connection.execute(
                works.where(runs.c.state == str(RunState.RUNNING), runs.c.owner.is_not(None))
            ),
        ]
    for row in found:
        is_held = row.lease_until is not None and row.lease_until > now and not is_dead(row.owner or "")
        if is_alive(row.owner or "") or is_held:
            return f"{row.newsletter}/{row.date.isoformat()} is at work"
    return None

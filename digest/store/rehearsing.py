"""Fill a store of its own for a rehearsal: with a newsletter's readers, or with made-up ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from digest.model import SubscriberState
from digest.store.bulk import insert_many
from digest.store.database import reading
from digest.store.tables import subscribers, suppressions


def copy_readers(source: Engine, target: Engine, newsletter: str) -> None:
    """Copy a newsletter's active readers and whom it must not write to."""
    active = str(SubscriberState.ACTIVE)
    wanted = {
        subscribers: (subscribers.c.newsletter == newsletter) & (subscribers.c.state == active),
        suppressions: suppressions.c.newsletter == newsletter,
    }
    with reading(source) as connection:
        found = {
            table: [dict(row._mapping) for row in connection.execute(select(table).where(condition))]
            for table, condition in wanted.items()
        }
    with target.begin() as connection:
        for table, rows in found.items():
            insert_many(connection, table, rows)


def make_readers(target: Engine, newsletter: str, count: int, *, now: datetime) -> None:
    """Make up readers."""
    rows = [
        {
            "newsletter": newsletter,
            "address": f"reader{number}@rehearsal.example",
            "address_key": f"reader{number}@rehearsal.example",
            "name": f"Reader {number}",
            "state": str(SubscriberState.ACTIVE),
            "consent": "made up for a rehearsal",
            "joined_at": now,
            "changed_at": now,
        }
        for number in range(1, count + 1)
    ]
    with target.begin() as connection:
        insert_many(connection, subscribers, rows)

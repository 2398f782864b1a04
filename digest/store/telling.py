"""Remember what editors were told, so that each thing is told once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, and_, select, update

from digest.store.bulk import insert_missing
from digest.store.database import reading
from digest.store.tables import told

MOST_KEY = 200


class Told:
    """What was told of each newsletter: by `what`, and by a `key` that says which of its kind."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_told(
        self, newsletter: str, what: str, key: str, *, now: datetime, again_after: timedelta | None = None
    ) -> bool:
        """Say whether something was told; what was told `again_after` ago or earlier counts as untold."""
        with reading(self._engine) as connection:
            told_at = connection.execute(select(told.c.told_at).where(_is(newsletter, what, key))).scalar()
        return told_at is not None and not _is_old(told_at, now, again_after)

    def mark(
        self, newsletter: str, what: str, key: str, *, now: datetime, again_after: timedelta | None = None
    ) -> bool:
        """Record that something is told; say whether this was the one call that may tell it."""
        row = {"newsletter": newsletter, "what": what, "key": key[:MOST_KEY], "told_at": now}
        with self._engine.begin() as connection:
            if insert_missing(connection, told, row):
                return True
            if again_after is None:
                return False
            is_old = and_(_is(newsletter, what, key), told.c.told_at <= now - again_after)
            return connection.execute(update(told).where(is_old).values(told_at=now)).rowcount > 0


def _is(newsletter: str, what: str, key: str) -> ColumnElement[bool]:
    return and_(told.c.newsletter == newsletter, told.c.what == what, told.c.key == key[:MOST_KEY])


def _is_old(told_at: datetime, now: datetime, again_after: timedelta | None) -> bool:
    return again_after is not None and told_at <= now - again_after

"""Let one daemon of a store be at work: a row names it, and each beat of its heart changes the row.

Another daemon watches the row and compares no clocks: what stood still for a while by the watcher's own watch is
dead, wherever it ran.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, and_, delete, select, update

from digest.process import is_alive, is_dead
from digest.store.bulk import insert_missing
from digest.store.database import reading
from digest.store.tables import leases

STANDS_STILL_SECONDS = 40.0
"""How long a row stands still before its daemon counts as dead; it beats twice in that time."""
LOOK_SECONDS = 2.0
DAEMON = "daemon"


class Lease:
    """The daemon's place in a store, as one daemon sees it."""

    def __init__(self, engine: Engine, *, owner: str, name: str = DAEMON) -> None:
        self._engine = engine
        self._owner = owner
        self._name = name
        self._seen: tuple[str, int] | None = None
        self._seen_at = 0.0

    def take(self, *, now: datetime, watch: float) -> bool:
        """Take the place or keep it; say whether it is ours. `watch` tells seconds, by a clock that only goes on."""
        row = self._read()
        if row is None:
            key = {"name": self._name, "owner": self._owner, "beats": 1, "since": now}
            with self._engine.begin() as connection:
                return insert_missing(connection, leases, key)
        owner, beats = row
        if owner == self._owner:
            return self._replace(row, now=now, beats=beats + 1)
        if row != self._seen:
            self._seen, self._seen_at = row, watch
        if is_dead(owner) or watch - self._seen_at >= STANDS_STILL_SECONDS:
            return self._replace(row, now=now, beats=beats + 1)
        return False

    def holder(self) -> str:
        """Return the name of the process whose place it is; empty where there is none."""
        row = self._read()
        return row[0] if row else ""

    def is_beating(self, *, pause: Callable[[float], object]) -> bool:
        """Say whether a daemon is at work; of one that may run elsewhere, after watching for as long as it may rest."""
        row = self._read()
        if row is None or is_dead(row[0]):
            return False
        if is_alive(row[0]):
            return True
        for _ in range(int(STANDS_STILL_SECONDS / LOOK_SECONDS)):
            pause(LOOK_SECONDS)
            if self._read() not in (row, None):
                return True
        return False

    def give_up(self) -> None:
        """Leave the place, where it is ours."""
        with self._engine.begin() as connection:
            ours = and_(leases.c.name == self._name, leases.c.owner == self._owner)
            connection.execute(delete(leases).where(ours))

    def _read(self) -> tuple[str, int] | None:
        query = select(leases.c.owner, leases.c.beats).where(leases.c.name == self._name)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return (row.owner, row.beats) if row else None

    def _replace(self, row: tuple[str, int], *, now: datetime, beats: int) -> bool:
        """Put our name in the row, where it still is as it was read."""
        as_read = and_(leases.c.name == self._name, leases.c.owner == row[0], leases.c.beats == row[1])
        values: dict[str, object] = {"owner": self._owner, "beats": beats}
        if row[0] != self._owner:
            values["since"] = now
        with self._engine.begin() as connection:
            return connection.execute(update(leases).where(as_read).values(**values)).rowcount > 0

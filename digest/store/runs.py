"""Keep a row for each newsletter on each date: the lock, the catch-up and the guard against a second send."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.model import Run, RunState
from digest.process import is_alive, is_dead
from digest.store.bulk import insert_missing, upsert
from digest.store.database import reading
from digest.store.tables import runs

LEASE = timedelta(minutes=15)
RETRY_AFTER = timedelta(minutes=5)
"""How long the daemon leaves a failed run alone before it tries again."""


class Runs:
    """The runs of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, newsletter: str, day: date, *, owner: str, now: datetime) -> Run | None:
        """Take the run: a new one, or one that is not done and that no other process is at. None: it cannot be had.

        One that was missed, or quiet, is taken as well: somebody asks for it.
        """
        start = {"state": str(RunState.RUNNING), "owner": owner, "lease_until": now + LEASE, "ended_at": None}
        here = _is(newsletter, day)
        try:
            with self._engine.begin() as connection:
                row = connection.execute(select(runs).where(here).with_for_update()).one_or_none()
                if row is None:
                    connection.execute(
                        insert(runs).values(**_key(newsletter, day), **start, started_at=now, note="")
                    )
                elif row.state == RunState.DONE or _is_held(row, owner, now):
                    return None
                else:
                    connection.execute(update(runs).where(here).values(**start))
        except IntegrityError:
            return None
        return self.find(newsletter, day)

    def extend(self, newsletter: str, day: date, *, owner: str, now: datetime) -> None:
        """Keep the lease a while longer."""
        with self._engine.begin() as connection:
            connection.execute(
                update(runs)
                .where(_is(newsletter, day), runs.c.owner == owner)
                .values(lease_until=now + LEASE)
            )

    def finish(
        self,
        newsletter: str,
        day: date,
        state: RunState,
        *,
        now: datetime,
        note: str = "",
        owner: str | None = None,
    ) -> bool:
        """Record how a run ended; where `owner` is given, only if it is still theirs. Say whether it was recorded.

        Without an owner the run is made where there was none.
        """
        values = {"state": str(state), "owner": None, "lease_until": None, "ended_at": now, "note": note}
        with self._engine.begin() as connection:
            if owner is None:
                row = _key(newsletter, day) | values | {"started_at": now}
                upsert(connection, runs, row, keep=["started_at"])
                return True
            theirs = and_(_is(newsletter, day), runs.c.owner == owner)
            return connection.execute(update(runs).where(theirs).values(**values)).rowcount > 0

    def mark_missed(self, newsletter: str, day: date, *, now: datetime, note: str) -> bool:
        """Record that a run's hour passed, where nothing is known of that run; say whether it was recorded."""
        ended = {"state": str(RunState.MISSED), "started_at": now, "ended_at": now, "note": note}
        with self._engine.begin() as connection:
            return insert_missing(connection, runs, _key(newsletter, day) | ended)

    def find(self, newsletter: str, day: date) -> Run | None:
        """Return the run, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(select(runs).where(_is(newsletter, day))).one_or_none()
            return _run(row) if row else None

    def latest(self, newsletter: str, *, limit: int = 7) -> list[Run]:
        """Return the last runs of a newsletter, newest first."""
        query = select(runs).where(runs.c.newsletter == newsletter).order_by(runs.c.date.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [_run(row) for row in connection.execute(query)]

    def settled_dates(self, newsletter: str, *, since: date, owner: str, now: datetime) -> set[date]:
        """Return the dates that need no run now: finished, waiting, just failed, or at work elsewhere."""
        query = select(runs).where(runs.c.newsletter == newsletter, runs.c.date >= since)
        with reading(self._engine) as connection:
            return {row.date for row in connection.execute(query) if _needs_nothing(row, owner, now)}


def _key(newsletter: str, day: date) -> dict[str, object]:
    return {"newsletter": newsletter, "date": day, "zone_group": ""}


def _is(newsletter: str, day: date) -> ColumnElement[bool]:
    return and_(runs.c.newsletter == newsletter, runs.c.date == day)


def _needs_nothing(row: Row[tuple[object, ...]], owner: str, now: datetime) -> bool:
    match RunState(row.state):
        case RunState.RUNNING:
            return _is_held(row, owner, now)
        case RunState.FAILED:
            return row.ended_at is not None and now - row.ended_at < RETRY_AFTER
        case _:
            return True


def _is_held(row: Row[tuple[object, ...]], owner: str, now: datetime) -> bool:
    """Say whether another process holds the run: while it lives where that can be told, else while the lease lasts."""
    if row.state != RunState.RUNNING or row.owner in (None, owner):
        return False
    if is_alive(row.owner):
        return True
    return row.lease_until is not None and row.lease_until > now and not is_dead(row.owner)


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(
        newsletter=row.newsletter,
        date=row.date,
        state=RunState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        note=row.note,
    )

"""Keep a row for each newsletter on each date: the lock, the catch-up and the guard against a second send."""

from __future__ import annotations

import os
import socket
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.model import Run, RunState
from digest.store.database import reading
from digest.store.tables import runs

LEASE = timedelta(minutes=15)
RETRY_AFTER = timedelta(minutes=5)
"""How long the daemon leaves a failed run alone before it tries again."""
FINISHED = frozenset({RunState.DONE, RunState.QUIET, RunState.MISSED})


def process_name() -> str:
    """Name this process as an owner of leases: `host:pid`."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Runs:
    """The runs of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, newsletter: str, day: date, *, owner: str, now: datetime) -> Run | None:
        """Take the run: a new one, or one that waits, failed or was left by a dead owner.

        None: it is finished, or another process is at it.
        """
        start = {"state": str(RunState.RUNNING), "owner": owner, "lease_until": now + LEASE, "ended_at": None}
        key = {"newsletter": newsletter, "date": day, "zone_group": ""}
        here = _is(newsletter, day)
        try:
            with self._engine.begin() as connection:
                row = connection.execute(select(runs).where(here).with_for_update()).one_or_none()
                if row is None:
                    connection.execute(insert(runs).values(**key, **start, started_at=now, note=""))
                elif RunState(row.state) in FINISHED or _is_held(row, owner, now):
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

    def finish(self, newsletter: str, day: date, state: RunState, *, now: datetime, note: str = "") -> None:
        """Record how a run ended; it is made where there was none (a missed one)."""
        values = {"state": str(state), "owner": None, "lease_until": None, "ended_at": now, "note": note}
        key = {"newsletter": newsletter, "date": day, "zone_group": ""}
        with self._engine.begin() as connection:
            changed = connection.execute(update(runs).where(_is(newsletter, day)).values(**values))
            if not changed.rowcount:
                connection.execute(insert(runs).values(**key, **values, started_at=now))

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
    """Say whether another live process holds the run; on this host a dead process holds nothing."""
    if row.state != RunState.RUNNING or row.owner in (None, owner):
        return False
    if row.lease_until is None or row.lease_until <= now:
        return False
    host, _, pid = str(row.owner).rpartition(":")
    return not (host == socket.gethostname() and pid.isdigit() and not _is_alive(int(pid)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(
        newsletter=row.newsletter,
        date=row.date,
        state=RunState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        note=row.note,
    )

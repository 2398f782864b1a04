"""Keep a row for each newsletter on each date: the lock, the catch-up and the guard against a second send."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from digest.model import Phase, Run, RunState
from digest.phases import Standing
from digest.process import is_alive, is_dead
from digest.store.bulk import insert_missing, upsert
from digest.store.database import reading
from digest.store.tables import runs

LEASE = timedelta(minutes=15)


class Runs:
    """The runs of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(
        self, newsletter: str, day: date, *, owner: str, now: datetime, phase: Phase = Phase.WHOLE
    ) -> Run | None:
        """Take the run: a new one, or one that is not done and that no other process is at. None: it cannot be had.

        One that was missed, or quiet, is taken as well: somebody asks for it. Who sends takes it from who prepares:
        feeds that hang do not move the hour. One that was broken off keeps the moment that it started at.
        """
        start: dict[str, object] = {
            "state": str(RunState.RUNNING),
            "owner": owner,
            "lease_until": now + LEASE,
            "ended_at": None,
            "phase": str(phase),
        }
        here = _is(newsletter, day)
        try:
            with self._engine.begin() as connection:
                row = connection.execute(select(runs).where(here).with_for_update()).one_or_none()
                if row is None:
                    connection.execute(
                        insert(runs).values(**_key(newsletter, day), **start, started_at=now, note="")
                    )
                elif row.state == RunState.DONE or _is_refused(row, owner, now, phase):
                    return None
                else:
                    if row.ended_at is not None:
                        start["started_at"] = now
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

    def let_go(self, newsletter: str, day: date, *, owner: str) -> None:
        """Leave a run as one that was broken off: the next process takes it up at once."""
        with self._engine.begin() as connection:
            connection.execute(
                update(runs)
                .where(_is(newsletter, day), runs.c.owner == owner)
                .values(owner=None, lease_until=None)
            )

    def mark_missed(self, newsletter: str, day: date, *, now: datetime, note: str) -> bool:
        """Record that a run's hour passed, where nothing is known of that run, it was prepared at most or broken off.

        Say whether it was recorded.
        """
        ended = {"state": str(RunState.MISSED), "ended_at": now, "note": note}
        unsent = and_(
            _is(newsletter, day),
            or_(
                runs.c.state.in_((str(RunState.PREPARED), str(RunState.RUNNING))),
                and_(runs.c.state == str(RunState.FAILED), runs.c.phase == str(Phase.PREPARE)),
            ),
        )
        with self._engine.begin() as connection:
            if insert_missing(connection, runs, _key(newsletter, day) | ended | {"started_at": now}):
                return True
            return connection.execute(update(runs).where(unsent).values(**ended, owner=None)).rowcount > 0

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

    def standings(self, newsletter: str, *, since: date, owner: str, now: datetime) -> dict[date, Standing]:
        """Return the runs since a date, each with whether a process other than `owner` is at it."""
        query = select(runs).where(runs.c.newsletter == newsletter, runs.c.date >= since)
        with reading(self._engine) as connection:
            return {
                row.date: Standing(run=_run(row), is_held=_is_held(row, owner, now))
                for row in connection.execute(query)
            }


def _key(newsletter: str, day: date) -> dict[str, object]:
    return {"newsletter": newsletter, "date": day, "zone_group": ""}


def _is(newsletter: str, day: date) -> ColumnElement[bool]:
    return and_(runs.c.newsletter == newsletter, runs.c.date == day)


def _is_refused(row: Row[tuple[object, ...]], owner: str, now: datetime, phase: Phase) -> bool:
    """Say whether a run is not to be had for a phase: somebody is at it, who is not overruled."""
    is_overruled = phase is Phase.SEND and row.phase == Phase.PREPARE
    return _is_held(row, owner, now) and not is_overruled


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
        phase=Phase(row.phase),
    )

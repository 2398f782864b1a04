"""Count what a store holds, for what watches the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, func, or_, select

from digest.model import DeliveryState
from digest.store.database import reading
from digest.store.tables import deliveries, runs, sources, stories

WAITING = tuple(
    str(state)
    for state in (
        DeliveryState.QUEUED,
        DeliveryState.LEASED,
        DeliveryState.INFLIGHT,
        DeliveryState.DEFERRED,
    )
)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """A newsletter's newest run."""

    newsletter: str
    date: date
    state: str
    phase: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What is in the store: runs by newsletter and state, deliveries by state, stories, sources that failed last.

    `overdue_since` is since when the oldest delivery waits whose time has come, or None.
    """

    runs: dict[tuple[str, str], int]
    last_runs: tuple[LastRun, ...]
    deliveries: dict[str, int]
    overdue_since: datetime | None
    stories: int
    stories_last_day: int
    failing_sources: int


def count_all(engine: Engine, *, now: datetime) -> Counts:
    """Count everything in one transaction; raises StoreError."""
    c = deliveries.c
    is_due = or_(c.next_at.is_(None), c.next_at <= now)
    due_since = func.min(func.coalesce(c.next_at, c.changed_at))
    newest = (
        select(runs.c.newsletter, func.max(runs.c.date).label("date")).group_by(runs.c.newsletter).subquery()
    )
    last = select(runs).join(
        newest, (newest.c.newsletter == runs.c.newsletter) & (newest.c.date == runs.c.date)
    )
    by_run = select(runs.c.newsletter, runs.c.state, func.count().label("n"))
    failing = select(func.count(func.distinct(sources.c.name))).where(sources.c.failures > 0)
    with reading(engine) as connection:
        return Counts(
            runs={
                (row.newsletter, row.state): row.n
                for row in connection.execute(by_run.group_by(runs.c.newsletter, runs.c.state))
            },
            last_runs=tuple(
                LastRun(
                    newsletter=row.newsletter,
                    date=row.date,
                    state=row.state,
                    phase=row.phase,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                )
                for row in connection.execute(last.order_by(runs.c.newsletter))
            ),
            deliveries={
                row.state: row.n
                for row in connection.execute(select(c.state, func.count().label("n")).group_by(c.state))
            },
            overdue_since=connection.execute(select(due_since).where(c.state.in_(WAITING), is_due)).scalar(),
            stories=connection.execute(select(func.count()).select_from(stories)).scalar_one(),
            stories_last_day=connection.execute(
                select(func.count()).select_from(stories).where(stories.c.seen_at >= now - DAY)
            ).scalar_one(),
            failing_sources=connection.execute(failing).scalar_one(),
        )

"""Count what was sent and who reads, for those who look on: numbers only, nobody is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select

from digest.model import DeliveryState, EditionName, EditionState, SubscriberState
from digest.store.database import reading
from digest.store.editions import EditionEntry
from digest.store.tables import bounces, deliveries, editions, renderings, subscribers

GONE = (SubscriberState.LEFT, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What happened to a newsletter's readers in a span of time; `came_back` are bounces of any kind."""

    since: datetime
    joined: int = 0
    left: int = 0
    bounced: int = 0
    complained: int = 0
    came_back: int = 0


class Tallies:
    """The counts of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def editions(self, newsletter: str = "", *, limit: int, offset: int = 0) -> list[EditionEntry]:
        """List editions, newest first, of one newsletter or of all."""
        query = select(editions).order_by(editions.c.date.desc(), editions.c.made_at.desc())
        if newsletter:
            query = query.where(editions.c.newsletter == newsletter)
        with reading(self._engine) as connection:
            return [
                EditionEntry(
                    name=EditionName(newsletter=row.newsletter, date=row.date),
                    state=EditionState(row.state),
                    revision=row.revision,
                    made_at=row.made_at,
                )
                for row in connection.execute(query.limit(limit).offset(offset))
            ]

    def sent_editions(self, *, limit: int, offset: int = 0) -> list[EditionName]:
        """List the editions that have an outbox, newest first."""
        columns = renderings.c.newsletter, renderings.c.date
        query = select(*columns).order_by(renderings.c.date.desc(), renderings.c.made_at.desc())
        with reading(self._engine) as connection:
            return [
                EditionName(newsletter=row.newsletter, date=row.date)
                for row in connection.execute(query.limit(limit).offset(offset))
            ]

    def deliveries(self, names: Iterable[EditionName]) -> dict[EditionName, dict[DeliveryState, int]]:
        """Count the deliveries of editions by state; states without any are left out."""
        columns = deliveries.c.newsletter, deliveries.c.date, deliveries.c.state
        found: dict[EditionName, dict[DeliveryState, int]] = {name: {} for name in names}
        query = select(*columns, func.count().label("number")).where(_any_of(deliveries, found))
        with reading(self._engine) as connection:
            for row in connection.execute(query.group_by(*columns)):
                name = EditionName(newsletter=row.newsletter, date=row.date)
                found[name][DeliveryState(row.state)] = row.number
        return found

    def sent_at(self, names: Iterable[EditionName]) -> dict[EditionName, datetime]:
        """Return when editions went out: when each was frozen and its outbox filled."""
        columns = renderings.c.newsletter, renderings.c.date, renderings.c.made_at
        with reading(self._engine) as connection:
            return {
                EditionName(newsletter=row.newsletter, date=row.date): row.made_at
                for row in connection.execute(select(*columns).where(_any_of(renderings, list(names))))
            }

    def settled_since(self, name: EditionName, moment: datetime) -> int:
        """Count the deliveries of an edition that ended since then, one way or another."""
        ended = ("sent", "failed", "doubt")
        query = select(func.count()).where(
            deliveries.c.newsletter == name.newsletter,
            deliveries.c.date == name.date,
            deliveries.c.state.in_(ended),
            deliveries.c.changed_at >= moment,
        )
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def readers(self) -> dict[str, dict[SubscriberState, int]]:
        """Count readers by newsletter and state, without those who were forgotten."""
        columns = subscribers.c.newsletter, subscribers.c.state
        query = select(*columns, func.count().label("number")).where(subscribers.c.address != "")
        found: dict[str, dict[SubscriberState, int]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query.group_by(*columns).order_by(subscribers.c.newsletter)):
                found.setdefault(row.newsletter, {})[SubscriberState(row.state)] = row.number
        return found

    def spans(self, newsletter: str, moments: Sequence[datetime]) -> list[Span]:
        """Count who joined and who went in the spans between these moments, oldest first.

        Who went counts at the last change of state, so that who came back is not counted as gone.
        """
        spans = list(pairwise(moments))
        sums: list[Any] = [
            _sum(_between(subscribers.c.joined_at, *span), f"joined_{place}")
            for place, span in enumerate(spans)
        ]
        for state in GONE:
            sums += [
                _sum(
                    and_(subscribers.c.state == str(state), _between(subscribers.c.changed_at, *span)),
                    f"{state}_{place}",
                )
                for place, span in enumerate(spans)
            ]
        back = [_sum(_between(bounces.c.told_at, *span), f"back_{place}") for place, span in enumerate(spans)]
        with reading(self._engine) as connection:
            row = connection.execute(select(*sums).where(subscribers.c.newsletter == newsletter)).one()
            told = connection.execute(select(*back).where(bounces.c.newsletter == newsletter)).one()
        of, came = row._mapping, told._mapping
        return [
            Span(
                since=start,
                joined=of[f"joined_{place}"] or 0,
                left=of[f"left_{place}"] or 0,
                bounced=of[f"bounced_{place}"] or 0,
                complained=of[f"complained_{place}"] or 0,
                came_back=came[f"back_{place}"] or 0,
            )
            for place, (start, _) in enumerate(spans)
        ]


def _any_of(table: Any, names: Iterable[EditionName]) -> ColumnElement[bool]:
    found = [and_(table.c.newsletter == one.newsletter, table.c.date == one.date) for one in names]
    return or_(*found) if found else table.c.date.is_(None)


def _between(column: ColumnElement[Any], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _sum(condition: ColumnElement[bool], label: str) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0)).label(label)

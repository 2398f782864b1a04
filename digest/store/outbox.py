"""Keep the deliveries of editions: queued once, leased, recorded under a fence, counted.

What the states mean is decided in `digest.deliver.outbox`; here it is written down. A write names the owner
and attempt of the lease, and changes nothing where another has the delivery since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from digest.model import Delivery, DeliveryState, EditionName, Halt, SubscriberState
from digest.store.database import reading
from digest.store.delivery_rows import (
    ITS_ATTEMPT,
    NEW,
    addressed,
    delivery_of,
    free,
    idle_editions,
    leased_delivery,
    new_values,
    of_edition,
    with_readers,
)
from digest.store.doubtful import doubtful
from digest.store.halts import halt_of, is_halted, skip_stopped
from digest.store.tables import deliveries, subscribers

LEFT = "left before it was sent"
_HELD = ("leased", "inflight")
_column = deliveries.c
_ITS_LEASE = (*ITS_ATTEMPT, _column.owner == bindparam("its_owner"))
_IS_WANTED = (
    select(subscribers.c.id)
    .where(subscribers.c.id == _column.subscriber_id, subscribers.c.state == str(SubscriberState.ACTIVE))
    .correlate(deliveries)
    .exists()
)
_BEGIN = (
    update(deliveries)
    .where(
        _column.newsletter == bindparam("its_newsletter"),
        _column.date == bindparam("its_date"),
        _column.subscriber_id.in_(bindparam("its_subscribers", expanding=True)),
        _column.attempt == bindparam("its_attempt"),
        _column.owner == bindparam("its_owner"),
        _column.state.in_(_HELD),
        _IS_WANTED,
    )
    .values(state=str(DeliveryState.INFLIGHT), changed_at=bindparam("new_changed_at"))
    .returning(_column.subscriber_id)
)
_new_state = bindparam("new_state", type_=String)
_SETTLE = (
    update(deliveries)
    .where(*_ITS_LEASE, or_(*(_column.state == state for state in (*_HELD, "doubt"))))
    .values(
        lease_until=case(
            (_new_state != "doubt", None),
            (_column.state == "doubt", _column.lease_until),
            else_=_column.changed_at,
        ),
        **NEW,
    )
)
_REOPEN = update(deliveries).where(*ITS_ATTEMPT, _column.state == "failed").values(**NEW)


class Deliveries:
    """The outbox of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lease(
        self, edition: EditionName, *, owner: str, limit: int, now: datetime, until: datetime
    ) -> list[Delivery]:
        """Take up to `limit` deliveries that are due, for `owner` until `until`.

        Due are those queued or deferred whose time has come, and those whose lease expired: no final dot was
        sent for them. Those of readers who have left are skipped for good; a send that is halted gives none.
        On PostgreSQL workers pass over each other's rows.
        """
        rows: list[Any] = []
        with self._engine.begin() as connection:
            if (halt := halt_of(connection, edition)) is not None:
                if halt is Halt.STOPPED:
                    skip_stopped(connection, and_(of_edition(edition), or_(*_due(now))), now)
                return []
            for due in _due(now):
                if len(rows) < limit:
                    query = with_readers(edition).where(due)
                    query = query.limit(limit - len(rows)).with_for_update(skip_locked=True, of=deliveries)
                    rows += connection.execute(query)
            taken, left = [], []
            for row in rows:
                if row.reader_state == str(SubscriberState.ACTIVE):
                    taken.append(leased_delivery(row, owner, until))
                else:
                    left.append(row.subscriber_id)
            _skip(connection, edition, left, now)
            if taken:
                connection.execute(
                    update(deliveries)
                    .where(
                        of_edition(edition), _column.subscriber_id.in_([one.subscriber_id for one in taken])
                    )
                    .values(
                        state=str(DeliveryState.LEASED),
                        owner=owner,
                        lease_until=until,
                        attempt=_column.attempt + 1,
                        changed_at=now,
                    )
                )
        return taken

    def renew(self, edition: EditionName, *, owner: str, until: datetime) -> None:
        """Keep what `owner` has leased or in flight a while longer."""
        with self._engine.begin() as connection:
            connection.execute(
                update(deliveries)
                .where(free(edition, _column.state.in_(_HELD), _column.owner == owner))
                .values(lease_until=until)
            )

    def holders(self, edition: EditionName) -> list[str]:
        """Return the owners of what is leased or in flight."""
        query = select(_column.owner).where(of_edition(edition), _column.state.in_(_HELD)).distinct()
        with reading(self._engine) as connection:
            return [owner for owner in connection.scalars(query) if owner is not None]

    def expire(self, edition: EditionName, *, owner: str, now: datetime) -> None:
        """End the leases of an owner that is known to be dead."""
        self.renew(edition, owner=owner, until=now)

    def record(self, changed: Sequence[Delivery], *, now: datetime) -> list[bool]:
        """Write new states in one commit; False where the lease is another's by now.

        `inflight` is also refused where the reader has left: this is the last moment they can.
        A delivery in doubt keeps its owner, so that a late answer still settles it.
        """
        beginning = [one for one in changed if one.state is DeliveryState.INFLIGHT]
        settled = [one for one in changed if one.state is not DeliveryState.INFLIGHT]
        with self._engine.begin() as connection:
            written = _settle(connection, settled, now) | _begin(connection, beginning, now)
        return [_lease_of(one) in written for one in changed]

    def reopen(self, changed: Sequence[Delivery], *, now: datetime) -> None:
        """Write new states of deliveries that were recorded as failed, where they still are, by the same attempt."""
        with self._engine.begin() as connection:
            for delivery in changed:
                connection.execute(_REOPEN, new_values(delivery, now))

    def next_due(self, edition: EditionName) -> datetime | None:
        """Return when the next unsettled delivery can be taken, or None when all are settled."""
        waiting = _column.state.in_(("queued", "deferred"))
        moment = func.min(func.coalesce(_column.next_at, _column.changed_at), type_=_column.next_at.type)
        with reading(self._engine) as connection:
            moments = [
                connection.scalar(select(moment).where(of_edition(edition), waiting)),
                connection.scalar(
                    select(func.min(_column.lease_until)).where(of_edition(edition), _column.state.in_(_HELD))
                ),
            ]
        return min((one for one in moments if one is not None), default=None)

    def due_editions(
        self, *, now: datetime, resend_before: datetime | None = None, most_doubts: int = 3
    ) -> list[EditionName]:
        """Return recent editions with deliveries that can be taken now and that no live sender is at.

        With `resend_before`, what has been in doubt since then, fewer than `most_doubts` times, can be taken too.
        """
        due = [*_due(now), and_(_column.state == "inflight", _column.lease_until <= now)]
        if resend_before is not None:
            due.append(and_(doubtful(most_doubts), _column.changed_at <= resend_before))
        with reading(self._engine) as connection:
            return idle_editions(connection, or_(*due), ~is_halted(), now=now)

    def counts(self, edition: EditionName) -> dict[DeliveryState, int]:
        """Count the deliveries by state, every state named."""
        query = select(_column.state, func.count()).where(of_edition(edition)).group_by(_column.state)
        with reading(self._engine) as connection:
            found = {DeliveryState(row[0]): int(row[1]) for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in DeliveryState}

    def list_deliveries(
        self, edition: EditionName, states: Iterable[DeliveryState] = (), *, limit: int | None = None
    ) -> list[Delivery]:
        """List deliveries in the order of subscribing, at most `limit`; without states, all."""
        query = with_readers(edition).order_by(_column.subscriber_id).limit(limit)
        wanted = [str(state) for state in states]
        if wanted:
            query = query.where(_column.state.in_(wanted))
        with reading(self._engine) as connection:
            return [delivery_of(row) for row in connection.execute(query)]

    def retry(self, edition: EditionName, *, addresses: Iterable[str] | None = None, now: datetime) -> int:
        """Queue failed and deferred deliveries anew, all or those to some addresses; return how many."""
        condition = and_(of_edition(edition), _column.state.in_(("failed", "deferred")))
        if addresses is not None:
            condition = and_(condition, addressed(edition, addresses))
        with self._engine.begin() as connection:
            return connection.execute(
                update(deliveries)
                .where(condition)
                .values(state=str(DeliveryState.QUEUED), next_at=None, tries=0, changed_at=now)
            ).rowcount


def _skip(connection: Connection, edition: EditionName, readers: list[int], now: datetime) -> None:
    if readers:
        connection.execute(
            update(deliveries)
            .where(of_edition(edition), _column.subscriber_id.in_(readers))
            .values(
                state=str(DeliveryState.SKIPPED),
                owner=None,
                lease_until=None,
                next_at=None,
                reply=LEFT,
                changed_at=now,
            )
        )


def _settle(connection: Connection, settled: Sequence[Delivery], now: datetime) -> set[_Lease]:
    """Write outcomes, all in one statement; where some are refused, each for itself, to know which."""
    rows = [new_values(one, now) | {"its_owner": one.owner} for one in settled]
    if not rows:
        return set()
    with connection.begin_nested() as savepoint:
        if connection.execute(_SETTLE, rows).rowcount == len(rows):
            return {_lease_of(one) for one in settled}
        savepoint.rollback()
    return {
        _lease_of(one)
        for one, row in zip(settled, rows, strict=True)
        if connection.execute(_SETTLE, row).rowcount == 1
    }


def _begin(connection: Connection, beginning: Sequence[Delivery], now: datetime) -> set[_Lease]:
    """Write what is in flight, a statement for each edition, owner and attempt: mostly one."""
    begun: set[_Lease] = set()
    groups: dict[tuple[EditionName, str | None, int], list[int]] = {}
    for one in beginning:
        groups.setdefault((one.edition, one.owner, one.attempt), []).append(one.subscriber_id)
    for (edition, owner, attempt), readers in groups.items():
        values = {
            "its_newsletter": edition.newsletter,
            "its_date": edition.date,
            "its_subscribers": readers,
            "its_attempt": attempt,
            "its_owner": owner,
            "new_changed_at": now,
        }
        found = connection.scalars(_BEGIN, values)
        begun |= {(edition, subscriber, owner, attempt) for subscriber in found}
    return begun


_Lease = tuple[EditionName, int, str | None, int]


def _lease_of(delivery: Delivery) -> _Lease:
    return delivery.edition, delivery.subscriber_id, delivery.owner, delivery.attempt


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a delivery due, one condition a state, so that each is found by the index."""
    return (
        and_(_column.state == "queued", or_(_column.next_at.is_(None), _column.next_at <= now)),
        and_(_column.state == "deferred", _column.next_at <= now),
        and_(_column.state == "leased", _column.lease_until <= now),
    )

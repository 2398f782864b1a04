"""Keep the deliveries in doubt: those whose server may have taken the message, its answer lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, bindparam, func, select, update

from digest.model import Delivery, DeliveryState, EditionName
from digest.store.database import reading
from digest.store.delivery_rows import (
    ITS_ATTEMPT,
    NEW,
    addressed,
    delivery_of,
    free,
    idle_editions,
    new_values,
    of_edition,
    with_readers,
)
from digest.store.halts import is_halted
from digest.store.tables import deliveries

_column = deliveries.c
_SETTLE_DOUBT = (
    update(deliveries)
    .where(*ITS_ATTEMPT, _column.state == "doubt", _column.doubts == bindparam("new_doubts"))
    .values(lease_until=None, **NEW)
)


class Doubtful:
    """The deliveries in doubt of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sweep(self, edition: EditionName, *, now: datetime) -> int:
        """Put in doubt what was in flight when its lease expired; return how many."""
        with self._engine.begin() as connection:
            return connection.execute(
                update(deliveries)
                .where(free(edition, _column.state == "inflight", _column.lease_until <= now))
                .values(
                    state=str(DeliveryState.DOUBT),
                    lease_until=_column.changed_at,
                    doubts=_column.doubts + 1,
                    reply="the sender stopped before it heard the answer",
                    changed_at=now,
                )
            ).rowcount

    def requeue_doubts(self, edition: EditionName, *, before: datetime, limit: int, now: datetime) -> int:
        """Queue again what has been in doubt since `before`, where that was fewer than `limit` times."""
        with self._engine.begin() as connection:
            return connection.execute(
                update(deliveries)
                .where(free(edition, doubtful(limit), _column.changed_at <= before))
                .values(
                    state=str(DeliveryState.QUEUED),
                    owner=None,
                    lease_until=None,
                    next_at=None,
                    changed_at=now,
                )
            ).rowcount

    def doubts(self, edition: EditionName, *, before: datetime) -> list[Delivery]:
        """Return what has been in doubt since `before` or longer, each with the moment it went in flight."""
        doubtful = _column.state == str(DeliveryState.DOUBT)
        query = with_readers(edition).where(doubtful, _column.changed_at <= before)
        with reading(self._engine) as connection:
            return [delivery_of(row) for row in connection.execute(query)]

    def doubtful_editions(self, *, now: datetime, before: datetime) -> list[EditionName]:
        """Return recent editions with deliveries in doubt since `before` that no live sender is at."""
        long_ago = and_(_column.state == str(DeliveryState.DOUBT), _column.changed_at <= before)
        with reading(self._engine) as connection:
            return idle_editions(connection, long_ago, ~is_halted(), now=now)

    def settle_doubts(self, found: Sequence[Delivery], *, now: datetime) -> int:
        """Write what became of deliveries in doubt, where they still are; return how many."""
        settled = 0
        with self._engine.begin() as connection:
            for delivery in found:
                settled += connection.execute(_SETTLE_DOUBT, new_values(delivery, now)).rowcount
        return settled

    def next_doubt(self, edition: EditionName, *, limit: int) -> datetime | None:
        """Return since when the oldest delivery that `requeue_doubts` may take has been in doubt, or None."""
        query = select(func.min(_column.changed_at)).where(of_edition(edition), doubtful(limit))
        with reading(self._engine) as connection:
            moment: datetime | None = connection.scalar(query)
            return moment

    def resolve(self, edition: EditionName, *, address: str, state: DeliveryState, now: datetime) -> bool:
        """Settle a delivery in doubt as a person found it out; False where none to that address is in doubt."""
        if state not in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.QUEUED):
            raise ValueError(f"a doubt is not resolved as {state}")
        with self._engine.begin() as connection:
            done = connection.execute(
                update(deliveries)
                .where(
                    of_edition(edition),
                    _column.state == str(DeliveryState.DOUBT),
                    addressed(edition, [address]),
                )
                .values(
                    state=str(state),
                    owner=None,
                    lease_until=None,
                    next_at=None,
                    reply=f"resolved as {state}",
                    changed_at=now,
                )
            )
            return done.rowcount > 0


def doubtful(limit: int) -> ColumnElement[bool]:
    """Return the condition that a delivery is in doubt, for fewer than so many times."""
    return and_(_column.state == str(DeliveryState.DOUBT), _column.doubts < limit)

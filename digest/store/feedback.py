"""Write down what a mail provider tells afterwards: it settles deliveries in doubt and stops readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from digest.mailbox import address_key
from digest.model import DeliveryEvent, DeliveryState, EventKind, SubscriberState
from digest.store.subscribers import Subscribers
from digest.store.tables import deliveries, subscribers

AT_ONCE = 500
_SETTLES = {
    EventKind.DELIVERED: DeliveryState.SENT,
    EventKind.DEFERRED: DeliveryState.SENT,
    EventKind.COMPLAINED: DeliveryState.SENT,
    EventKind.BOUNCED: DeliveryState.FAILED,
}
"""What each event makes of a doubt. Whoever defers has the message, and goes on with it alone."""
_STOPS = {
    EventKind.BOUNCED: SubscriberState.BOUNCED,
    EventKind.COMPLAINED: SubscriberState.COMPLAINED,
}


class Feedback(Subscribers):
    """What is told of one store's deliveries."""

    def take_events(self, events: Sequence[DeliveryEvent], *, now: datetime) -> int:
        """Write events down, all in one commit; return how many were about a delivery or a reader of ours.

        A state that is settled stays. Repeating an event changes nothing.
        """
        taken = 0
        with self._engine.begin() as connection:
            readers = _readers_of(connection, [one.message_id for one in events])
            for one in events:
                reader = readers.get(one.message_id) if one.message_id else None
                if reader is not None:
                    settle(connection, one, now)
                stopped = _STOPS.get(one.kind)
                if stopped is not None:
                    concerned = [reader] if reader is not None else _known(connection, one)
                    for subscriber in concerned:
                        self._stop(connection, subscriber, stopped, now)
                    taken += bool(concerned)
                else:
                    taken += reader is not None
        return taken

    def _stop(self, connection: Connection, subscriber: int, state: SubscriberState, now: datetime) -> bool:
        """Stop a reader who gets the newsletter, and keep imports from bringing them back; False for another."""
        row = connection.execute(
            update(subscribers)
            .where(subscribers.c.id == subscriber, subscribers.c.state == str(SubscriberState.ACTIVE))
            .values(state=str(state), changed_at=now)
            .returning(subscribers.c.newsletter, subscribers.c.address_key)
        ).first()
        if row is not None:
            self._suppressions.add(connection, row.newsletter, row.address_key, why=str(state), now=now)
        return row is not None


def settle(connection: Connection, event: DeliveryEvent, now: datetime) -> None:
    """Settle the delivery an event is about, where it is in doubt."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.message_id == event.message_id,
            deliveries.c.state == str(DeliveryState.DOUBT),
        )
        .values(
            state=str(_SETTLES[event.kind]),
            owner=None,
            lease_until=None,
            reply=event.reason or f"the provider says: {event.kind}",
            changed_at=now,
        )
    )


def _readers_of(connection: Connection, message_ids: Iterable[str]) -> dict[str, int]:
    wanted = sorted({one for one in message_ids if one})
    found: dict[str, int] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(deliveries.c.message_id, deliveries.c.subscriber_id).where(
            deliveries.c.message_id.in_(wanted[start : start + AT_ONCE])
        )
        found |= {row.message_id: row.subscriber_id for row in connection.execute(query)}
    return found


def _known(connection: Connection, event: DeliveryEvent) -> list[int]:
    """Return an address's readers, of every newsletter, where the event names no delivery."""
    if event.message_id or not event.address:
        return []
    query = select(subscribers.c.id).where(
        subscribers.c.address_key == address_key(event.address),
        subscribers.c.state == str(SubscriberState.ACTIVE),
    )
    return list(connection.scalars(query))

"""Read deliveries out of rows, each with its reader's address and name, and name the values that are written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from digest.mailbox import address_key
from digest.model import Delivery, DeliveryState, EditionName, SubscriberId
from digest.store.tables import deliveries, subscribers

OLDEST_LATE = timedelta(days=2)
"""How old an edition `idle_editions` still names: a store restored from a backup must not send last month's news."""

_column = deliveries.c
ITS_ATTEMPT = (
    _column.newsletter == bindparam("its_newsletter"),
    _column.date == bindparam("its_date"),
    _column.subscriber_id == bindparam("its_subscriber"),
    _column.attempt == bindparam("its_attempt"),
)
NEW: dict[str, Any] = {
    name: bindparam(f"new_{name}")
    for name in ("state", "owner", "next_at", "tries", "doubts", "reply", "changed_at")
}
_SETTLED = frozenset({DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.DOUBT})


def of_edition(edition: EditionName) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of an edition's."""
    return and_(deliveries.c.newsletter == edition.newsletter, deliveries.c.date == edition.date)


def with_readers(edition: EditionName) -> Select[Any]:
    """Select an edition's deliveries, each with its reader's address, name and state (`reader_state`)."""
    return (
        select(
            deliveries,
            subscribers.c.address,
            subscribers.c.name,
            subscribers.c.plain_text,
            subscribers.c.state.label("reader_state"),
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(of_edition(edition))
    )


def leased_delivery(row: Any, owner: str, until: datetime) -> Delivery:
    """Return the delivery that a row becomes when `owner` leases it."""
    return delivery_of(
        row,
        state=DeliveryState.LEASED,
        attempt=row.attempt + 1,
        owner=owner,
        lease_until=until,
        settled_at=None,
    )


def delivery_of(row: Any, **changed: Any) -> Delivery:
    """Return the delivery of a row of `with_readers`, with fields that have changed since."""
    state = DeliveryState(row.state)
    values = {
        "edition": EditionName(newsletter=row.newsletter, date=row.date),
        "subscriber_id": SubscriberId(row.subscriber_id),
        "address": row.address,
        "name": row.name,
        "state": state,
        "message_id": row.message_id,
        "attempt": row.attempt,
        "owner": row.owner,
        "lease_until": row.lease_until,
        "next_at": row.next_at,
        "settled_at": row.changed_at if state in _SETTLED else None,
        "reply": row.reply,
        "tries": row.tries,
        "doubts": row.doubts,
        "plain_text": bool(row.plain_text),
    }
    return Delivery(**(values | changed))


def its_attempt(delivery: Delivery) -> dict[str, Any]:
    """Return the values of `ITS_ATTEMPT`."""
    return {
        "its_newsletter": delivery.edition.newsletter,
        "its_date": delivery.edition.date,
        "its_subscriber": delivery.subscriber_id,
        "its_attempt": delivery.attempt,
    }


def new_values(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Return the values of `ITS_ATTEMPT` and `NEW`."""
    return its_attempt(delivery) | {
        "new_state": str(delivery.state),
        "new_owner": delivery.owner if delivery.state is DeliveryState.DOUBT else None,
        "new_next_at": delivery.next_at,
        "new_tries": delivery.tries,
        "new_doubts": delivery.doubts,
        "new_reply": delivery.reply,
        "new_changed_at": now,
    }


def free(edition: EditionName, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return what picks an edition's deliveries that meet conditions and that nobody is writing at this moment.

    Waiting for a writer's rows in another order than the writer takes them ends in a deadlock on PostgreSQL;
    what is passed over now is met the next time.
    """
    rows = (
        select(_column.subscriber_id)
        .where(of_edition(edition), *conditions)
        .with_for_update(skip_locked=True)
        .correlate(None)
    )
    return and_(of_edition(edition), _column.subscriber_id.in_(rows))


def idle_editions(
    connection: Connection, *conditions: ColumnElement[bool], now: datetime
) -> list[EditionName]:
    """Return recent editions with deliveries that meet conditions and that no live sender is at."""
    held = deliveries.alias("held")
    at_work = (
        select(held.c.subscriber_id)
        .where(
            held.c.newsletter == _column.newsletter,
            held.c.date == _column.date,
            held.c.state.in_(("leased", "inflight")),
            held.c.lease_until > now,
        )
        .exists()
    )
    query = (
        select(_column.newsletter, _column.date)
        .where(_column.date >= (now - OLDEST_LATE).date(), *conditions, ~at_work)
        .distinct()
        .order_by(_column.newsletter, _column.date)
    )
    return [EditionName(newsletter=row.newsletter, date=row.date) for row in connection.execute(query)]


def addressed(edition: EditionName, addresses: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a delivery is to one of some addresses."""
    return _column.subscriber_id.in_(
        select(subscribers.c.id).where(
            subscribers.c.newsletter == edition.newsletter,
            subscribers.c.address_key.in_([address_key(address) for address in addresses]),
        )
    )

"""Read deliveries out of rows: each with its reader's address and name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from digest.model import Delivery, DeliveryState, EditionName, SubscriberId
from digest.store.tables import deliveries, subscribers

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

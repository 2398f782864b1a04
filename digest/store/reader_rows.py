"""Find readers' rows, make them and change them: what all that keeps readers shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, update

from digest.mailbox import Mailbox
from digest.model import Subscriber, SubscriberId, SubscriberState
from digest.store.tables import subscribers

LOOK_UP_AT_ONCE = 500

_column = subscribers.c


def is_active(newsletter: str) -> ColumnElement[bool]:
    """Return the condition that a row is one of those who get the newsletter."""
    return and_(_column.newsletter == newsletter, _column.state == str(SubscriberState.ACTIVE))


def find_row(connection: Connection, newsletter: str, key: str) -> Any:
    """Return a newsletter's reader by address key, or None."""
    query = select(subscribers).where(_column.newsletter == newsletter, _column.address_key == key)
    return connection.execute(query).first()


def rows_by_key(connection: Connection, newsletter: str, keys: Iterable[str]) -> dict[str, Any]:
    """Return a newsletter's readers by address key: those asked for, or all where that is cheaper."""
    wanted = list(keys)
    query = select(_column.id, _column.address_key, _column.state, _column.changed_at, _column.consent).where(
        _column.newsletter == newsletter
    )
    if len(wanted) <= LOOK_UP_AT_ONCE:
        query = query.where(_column.address_key.in_(wanted))
    return {row.address_key: row for row in connection.execute(query)}


def activate(
    connection: Connection,
    readers: Sequence[int],
    consent: str,
    now: datetime,
    *,
    state: SubscriberState = SubscriberState.ACTIVE,
) -> None:
    """Give readers another state, and the consent it rests on."""
    if readers:
        connection.execute(
            update(subscribers)
            .where(_column.id == bindparam("its_id"))
            .values(state=str(state), consent=consent, changed_at=now),
            [{"its_id": reader} for reader in readers],
        )


def new_row(newsletter: str, mailbox: Mailbox, key: str, consent: str, now: datetime) -> dict[str, Any]:
    """Return the row of a new reader."""
    return {
        "newsletter": newsletter,
        "address": mailbox.address,
        "address_key": key,
        "name": mailbox.name,
        "state": str(SubscriberState.ACTIVE),
        "consent": consent,
        "joined_at": now,
        "changed_at": now,
    }


def subscriber_of(row: Any) -> Subscriber:
    """Return the reader of a row."""
    return Subscriber(
        id=SubscriberId(row.id),
        newsletter=row.newsletter,
        address=row.address,
        state=SubscriberState(row.state),
        name=row.name,
        time_zone=row.time_zone,
        language=row.language,
        consent=row.consent,
        joined_at=row.joined_at,
        plain_text=bool(row.plain_text),
    )

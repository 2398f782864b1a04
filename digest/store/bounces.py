"""Write down which deliveries came back, stop whom no mail reaches, and know the letters that were left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, or_, select

from digest.errors import AddressError
from digest.mailbox import address_key
from digest.model import (
    Bounce,
    BounceKind,
    DeliveryEvent,
    DeliveryState,
    EditionName,
    EventKind,
    SubscriberId,
    SubscriberState,
)
from digest.store.bulk import insert_missing, upsert
from digest.store.database import reading
from digest.store.feedback import Feedback, settle
from digest.store.tables import bounces, deliveries, letters, subscribers

STOP_AFTER = 3
"""So many editions in a row that come back, though each only for the time being, stop a reader."""
AT_ONCE = 500
ROWS_AT_ONCE = 5000
_UNDER_WAY = (str(DeliveryState.QUEUED), str(DeliveryState.LEASED), str(DeliveryState.INFLIGHT))
_OUT = (str(DeliveryState.SENT), str(DeliveryState.DOUBT), str(DeliveryState.INFLIGHT))
"""The states of what a server may have: about others nothing can come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a bounce was about and changed: whether it was news, and whether its reader gets no more for it."""

    edition: EditionName
    address: str
    is_new: bool = False
    stopped: bool = False


class Bounces(Feedback):
    """What came back to one store."""

    def take_bounce(self, bounce: Bounce, *, now: datetime) -> Taken | None:
        """Write a bounce down: a doubt about it ends as failed, a reader may be stopped. None: no delivery of ours.

        Repeating it changes nothing. What was sent before the reader was made active last stops nobody.
        """
        with self._engine.begin() as connection:
            row = connection.execute(
                _with_reader().where(deliveries.c.message_id == bounce.message_id)
            ).first()
            if row is None:
                return None
            told = DeliveryEvent(kind=EventKind.BOUNCED, message_id=bounce.message_id, reason=bounce.reason)
            settle(connection, told, now)
            taken = Taken(edition=EditionName(newsletter=row.newsletter, date=row.date), address=row.address)
            if not _record(connection, row, bounce, now):
                return taken
            is_stopped = row.changed_at >= row.reader_since and (
                bounce.kind is BounceKind.HARD
                or (bounce.kind is BounceKind.SOFT and _is_in_a_row(connection, row))
            )
            if is_stopped:
                is_stopped = self._stop(connection, row.subscriber_id, SubscriberState.BOUNCED, now)
            return replace(taken, is_new=True, stopped=is_stopped)

    def find_message_id(self, candidates: Sequence[str]) -> str | None:
        """Return the first of some Message-IDs that is a delivery's."""
        query = select(deliveries.c.message_id).where(deliveries.c.message_id.in_(candidates[:AT_ONCE]))
        with reading(self._engine) as connection:
            known = set(connection.scalars(query))
        return next((one for one in candidates if one in known), None)

    def is_under_way(self, message_ids: Sequence[str]) -> bool:
        """Say whether a sender has one of some deliveries in hand: what becomes of it is not written yet."""
        query = select(deliveries.c.message_id).where(
            deliveries.c.message_id.in_(message_ids[:AT_ONCE]), deliveries.c.state.in_(_UNDER_WAY)
        )
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).first() is not None

    def find_by_key(
        self, keys: Iterable[str], *, key_of: Callable[[str], str], since: datetime
    ) -> dict[str, str]:
        """Return the Message-IDs whose keys are asked for, among deliveries since then, the newest first.

        The keys are no column: those that are not asked for cost a hash each (measured: 400,000 in 0.7 seconds).
        """
        wanted, found = set(keys), {}
        query = (
            select(deliveries.c.message_id)
            .where(deliveries.c.changed_at >= since, deliveries.c.state.not_in(("queued", "leased")))
            .order_by(deliveries.c.date.desc())
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        with reading(self._engine) as connection:
            for message_id in connection.scalars(query) if wanted else ():
                if (key := key_of(message_id)) in wanted:
                    found[key] = message_id
                    if len(found) == len(wanted):
                        break
        return found

    def find_last_sent(self, addresses: Iterable[str], *, since: datetime) -> list[str]:
        """Return of each reader with one of some addresses the Message-ID of what was sent to them last."""
        query = (
            select(deliveries.c.subscriber_id, deliveries.c.message_id)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(
                subscribers.c.address_key.in_(_keys_of(addresses)),
                deliveries.c.state.in_(_OUT),
                deliveries.c.changed_at >= since,
            )
            .order_by(deliveries.c.date)
        )
        with reading(self._engine) as connection:
            return list({row.subscriber_id: row.message_id for row in connection.execute(query)}.values())

    def readers_at(self, address: str) -> list[tuple[SubscriberId, str]]:
        """Return the active readers that have an address, each with the newsletter."""
        query = select(subscribers.c.id, subscribers.c.newsletter).where(
            subscribers.c.address_key.in_(_keys_of([address])),
            subscribers.c.state == str(SubscriberState.ACTIVE),
        )
        with reading(self._engine) as connection:
            return [
                (SubscriberId(row.id), row.newsletter)
                for row in connection.execute(query.order_by(subscribers.c.id))
            ]

    def left_alone(self, box: str) -> set[str]:
        """Return the letters of a box that were looked at before and are nothing to us."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(letters.c.letter).where(letters.c.box == box)))

    def leave_alone(self, box: str, found: Sequence[str]) -> None:
        """Remember letters that are nothing to us."""
        with self._engine.begin() as connection:
            for one in sorted(set(found)):
                insert_missing(connection, letters, {"box": box, "letter": one})

    def forget_letters(self, box: str, gone: Iterable[str]) -> None:
        """Forget letters that are no longer in a box."""
        old = sorted(gone)
        with self._engine.begin() as connection:
            for start in range(0, len(old), AT_ONCE):
                some = letters.c.letter.in_(old[start : start + AT_ONCE])
                connection.execute(delete(letters).where(letters.c.box == box, some))


def in_a_row(outcomes: Iterable[str | None], *, most: int = STOP_AFTER) -> bool:
    """Say whether so many editions came back one after the other.

    `outcomes` are of a reader's editions in their order: the kind of bounce, None where nothing came back.
    What a rule of the receiver's refused tells nothing of the mailbox, and is passed over.
    """
    run = 0
    for kind in outcomes:
        if kind == BounceKind.REFUSED:
            continue
        run = run + 1 if kind is not None else 0
        if run >= most:
            return True
    return False


def _with_reader() -> Select[Any]:
    return select(
        deliveries.c.subscriber_id,
        deliveries.c.newsletter,
        deliveries.c.date,
        deliveries.c.changed_at,
        subscribers.c.address,
        subscribers.c.changed_at.label("reader_since"),
    ).join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)


def _record(connection: Connection, row: Any, bounce: Bounce, now: datetime) -> bool:
    """Write a bounce down once a delivery, a graver one over a milder; say whether it was news."""
    values = {
        "subscriber_id": row.subscriber_id,
        "newsletter": row.newsletter,
        "date": row.date,
        "kind": str(bounce.kind),
        "status": bounce.status[:20],
        "told_at": now,
    }
    if insert_missing(connection, bounces, values):
        return True
    its = [bounces.c[name] == values[name] for name in ("subscriber_id", "newsletter", "date")]
    before = connection.scalar(select(bounces.c.kind).where(*its))
    grave = [BounceKind.REFUSED, BounceKind.SOFT, BounceKind.HARD]
    if grave.index(bounce.kind) <= grave.index(BounceKind(before or bounce.kind)):
        return False
    upsert(connection, bounces, values)
    return True


def _is_in_a_row(connection: Connection, row: Any) -> bool:
    """Look at what the reader got since they are one, edition by edition."""
    back = bounces.c
    query = (
        select(back.kind)
        .select_from(
            deliveries.outerjoin(
                bounces,
                (back.subscriber_id == deliveries.c.subscriber_id)
                & (back.newsletter == deliveries.c.newsletter)
                & (back.date == deliveries.c.date),
            )
        )
        .where(
            deliveries.c.subscriber_id == row.subscriber_id,
            deliveries.c.changed_at >= row.reader_since,
            or_(deliveries.c.state == str(DeliveryState.SENT), back.kind.is_not(None)),
        )
        .order_by(deliveries.c.date.desc())
        .limit(60)
    )
    return in_a_row(connection.scalars(query))


def _keys_of(addresses: Iterable[str]) -> list[str]:
    keys = []
    for one in addresses:
        try:
            keys.append(address_key(one))
        except AddressError:
            continue
    return sorted(set(keys))[:AT_ONCE]

"""Keep what a person chose, tell all that is held on them, and forget them: across all newsletters of a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from digest.mailbox import Mailbox, address_key
from digest.model import Subscriber, SubscriberId
from digest.store.consents import Consent, consents_of, record_consent
from digest.store.database import reading
from digest.store.reader_rows import activate, new_row, subscriber_of
from digest.store.subscribers import GETS_IT, Subscribers
from digest.store.suppression import EVERYWHERE
from digest.store.tables import bounces, consents, deliveries, subscribers

CHOSEN = "chosen on the preferences page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person wants: each newsletter with the words agreed to, and the rest for all of them.

    `offered` are the newsletters that the person was asked about; others stay as they are.
    """

    wanted: Mapping[str, str]
    offered: Collection[str]
    time_zone: str | None
    language: str | None
    plain_text: bool


class Persons(Subscribers):
    """The people behind the readers: one address, whatever the newsletter."""

    def subscriptions_of(self, subscriber: SubscriberId) -> list[Subscriber]:
        """Return all subscriptions of the person a reader is, that reader's first; none where they are erased."""
        with reading(self._engine) as connection:
            rows = _rows_beside(connection, subscriber)
            return [subscriber_of(row) for row in sorted(rows, key=lambda row: row.id != subscriber)]

    def choose(
        self, subscriber: SubscriberId, choices: Choices, *, came_from: str, now: datetime
    ) -> list[Subscriber]:
        """Do what a person chose; repeating it changes nothing. Returns the subscriptions, none where erased."""
        with self._engine.begin() as connection:
            rows = {row.newsletter: row for row in _rows_beside(connection, subscriber)}
            if not rows:
                return []
            for newsletter in sorted(choices.offered):
                row = rows.get(newsletter)
                if newsletter in choices.wanted:
                    pattern = row or next(iter(rows.values()))
                    self._join(connection, newsletter, row, pattern, choices, came_from, now)
                elif row is not None and row.state in GETS_IT:
                    self._leave(connection, row, now)
            key = next(iter(rows.values())).address_key
            connection.execute(
                update(subscribers)
                .where(subscribers.c.address_key == key)
                .values(
                    time_zone=choices.time_zone,
                    language=choices.language,
                    plain_text=int(choices.plain_text),
                )
            )
        return self.subscriptions_of(subscriber)

    def erase(self, newsletter: str, address: str, *, now: datetime) -> bool:
        """Take a reader off and forget who they were; False where the address is not known.

        What was sent to them stays counted. A keyed hash stays, so that no import brings them back. Without a
        newsletter's name it is done in all of them, and the hash stands for all.
        """
        key = address_key(address)
        query = select(subscribers).where(subscribers.c.address_key == key)
        if newsletter != EVERYWHERE:
            query = query.where(subscribers.c.newsletter == newsletter)
        with self._engine.begin() as connection:
            rows = list(connection.execute(query))
            if rows and newsletter == EVERYWHERE:
                self._suppressions.add(connection, EVERYWHERE, key, why="erased", now=now)
            for row in rows:
                self._leave(connection, row, now)
                _forget(connection, row.id, now)
            return bool(rows)

    def held_on(self, address: str) -> dict[str, Any]:
        """Return all that is held on a person, for them to read; the lists are empty where there is nothing."""
        key = address_key(address)
        query = select(subscribers).where(subscribers.c.address_key == key).order_by(subscribers.c.id)
        with reading(self._engine) as connection:
            return {
                "address": address,
                "subscriptions": [_told(connection, row) for row in connection.execute(query).all()],
                "suppressions": [
                    {"newsletter": entry.newsletter or "all", "why": entry.why, "since": entry.since}
                    for entry in self._suppressions.entries(connection, key)
                ],
            }

    def _join(
        self,
        connection: Connection,
        newsletter: str,
        row: Any,
        pattern: Any,
        choices: Choices,
        came_from: str,
        now: datetime,
    ) -> None:
        """Make the person a reader, by their own word: whoever holds the link reads the mail of the address."""
        if row is not None and row.state == "active":
            return
        if row is None:
            mailbox = Mailbox(address=pattern.address, name=pattern.name)
            values = new_row(newsletter, mailbox, pattern.address_key, CHOSEN, now)
            (number,) = connection.execute(insert(subscribers).values(values)).inserted_primary_key or (0,)
        else:
            number = row.id
            activate(connection, [number], CHOSEN, now)
        self._suppressions.lift(connection, newsletter, pattern.address_key)
        consent = Consent(
            act="confirmed",
            how="preferences",
            wording=choices.wanted[newsletter],
            came_from=came_from,
            proof="the link to the preferences that was sent to the address",
        )
        record_consent(connection, number, consent, now=now)


def _rows_beside(connection: Connection, subscriber: int) -> list[Any]:
    key = select(subscribers.c.address_key).where(subscribers.c.id == subscriber, subscribers.c.address != "")
    query = select(subscribers).where(subscribers.c.address_key.in_(key))
    return list(connection.execute(query.order_by(subscribers.c.id)))


def _forget(connection: Connection, subscriber: int, now: datetime) -> None:
    """Empty all that tells who a reader was; servers' words name addresses too."""
    connection.execute(delete(consents).where(consents.c.subscriber_id == subscriber))
    connection.execute(delete(bounces).where(bounces.c.subscriber_id == subscriber))
    connection.execute(
        update(deliveries).where(deliveries.c.subscriber_id == subscriber, deliveries.c.reply != "").values(reply="")
    )  # fmt: skip
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber)
        .values(
            address="", address_key=f"erased {subscriber}", name="", consent="", time_zone=None, language=None,
            plain_text=0, changed_at=now,
        )
    )  # fmt: skip


def _told(connection: Connection, row: Any) -> dict[str, Any]:
    names = (
        "newsletter",
        "address",
        "name",
        "state",
        "time_zone",
        "language",
        "consent",
        "joined_at",
        "changed_at",
    )
    columns = deliveries.c
    query = (
        select(
            columns.newsletter,
            columns.date,
            columns.state,
            columns.message_id,
            columns.changed_at,
            columns.reply,
        )
        .where(columns.subscriber_id == row.id)
        .order_by(columns.date)
    )
    sent = [
        {
            "edition": f"{one.newsletter}/{one.date.isoformat()}",
            "state": one.state,
            "message_id": one.message_id,
            "changed_at": one.changed_at,
            "reply": one.reply,
        }
        for one in connection.execute(query)
    ]
    back = select(bounces).where(bounces.c.subscriber_id == row.id).order_by(bounces.c.date)
    returned = [
        {
            "edition": f"{one.newsletter}/{one.date.isoformat()}",
            "kind": one.kind,
            "status": one.status,
            "told_at": one.told_at,
        }
        for one in connection.execute(back)
    ]
    return {
        **{name: getattr(row, name) for name in names},
        "plain_text": bool(row.plain_text),
        "consents": consents_of(connection, row.id),
        "deliveries": sent,
        "bounces": returned,
    }

"""Keep whom a newsletter goes to and what became of each delivery."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from digest.model import DeliveryState, EditionName, SubscriberId
from digest.store.bounces import Bounces
from digest.store.bulk import insert_many
from digest.store.delivery_rows import of_edition
from digest.store.doubtful import Doubtful
from digest.store.halts import Halts
from digest.store.importing import Imports
from digest.store.outbox import Deliveries
from digest.store.persons import Persons
from digest.store.signing_up import SignUps
from digest.store.subscribers import Subscribers
from digest.store.tables import deliveries


class Mailing(Deliveries, Doubtful, Halts, Bounces, Imports, Persons, SignUps):
    """The readers and the outbox of one store; `digest.ports.Outbox` is its narrow side."""

    def __init__(self, engine: Engine, *, secret: Callable[[], bytes]) -> None:
        Deliveries.__init__(self, engine)
        Subscribers.__init__(self, engine, secret=secret)

    def fill(self, edition: EditionName, *, domain: str, now: datetime) -> int:
        """Queue a delivery for each active reader, once for ever; return how many were added.

        `domain` is that of the sender, for the Message-IDs.
        """
        try:
            with self._engine.begin() as connection:
                return self.fill_within(connection, edition, domain=domain, now=now)
        except IntegrityError:  # another process filled it at the same moment
            return 0

    def fill_within(self, connection: Connection, edition: EditionName, *, domain: str, now: datetime) -> int:
        """Do what `fill` does, in the transaction that freezes the edition."""
        readers = self._active_ids(connection, edition.newsletter)
        return _queue(connection, edition, readers, domain=domain, now=now)


def _queue(
    connection: Connection,
    edition: EditionName,
    readers: Iterable[SubscriberId],
    *,
    domain: str,
    now: datetime,
) -> int:
    """Queue a delivery to each reader, unless the edition has been queued before; return how many."""
    if (
        connection.execute(select(deliveries.c.subscriber_id).where(of_edition(edition)).limit(1)).first()
        is not None
    ):
        return 0
    word = re.sub(r"[^A-Za-z0-9-]+", "-", edition.newsletter).strip("-")[:40] or "newsletter"
    rows: list[dict[str, Any]] = [
        {
            "newsletter": edition.newsletter,
            "date": edition.date,
            "subscriber_id": reader,
            "state": str(DeliveryState.QUEUED),
            "message_id": f"<{word}.{edition.date.isoformat()}.{secrets.token_hex(10)}@{domain}>",
            "changed_at": now,
        }
        for reader in readers
    ]
    insert_many(connection, deliveries, rows)
    return len(rows)

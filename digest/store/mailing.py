"""Keep whom a newsletter goes to and what became of each delivery."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, update
from sqlalchemy.exc import IntegrityError

from digest.model import DeliveryState, EditionName, SubscriberId
from digest.store.bounces import Bounces
from digest.store.bulk import insert_many
from digest.store.database import reading
from digest.store.delivery_rows import free, of_edition
from digest.store.doubtful import Doubtful
from digest.store.halts import Halts
from digest.store.importing import Imports
from digest.store.outbox import Deliveries
from digest.store.persons import Persons
from digest.store.signing_up import SignUps
from digest.store.subscribers import Subscribers
from digest.store.tables import deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderHour:
    """When a reader is to get an edition. `too_late` says why she does not get it any more."""

    at: datetime
    too_late: str = ""


HourOf = Callable[[str | None], ReaderHour]
"""What tells the hour of the readers of a zone; None stands for those who have not told theirs."""


class Mailing(Deliveries, Doubtful, Halts, Bounces, Imports, Persons, SignUps):
    """The readers and the outbox of one store; `digest.ports.Outbox` is its narrow side."""

    def __init__(self, engine: Engine, *, secret: Callable[[], bytes]) -> None:
        Deliveries.__init__(self, engine)
        Subscribers.__init__(self, engine, secret=secret)

    def fill(self, edition: EditionName, *, domain: str, now: datetime, hour_of: HourOf | None = None) -> int:
        """Queue a delivery for each active reader, once for ever; return how many were added.

        `domain` is that of the sender, for the Message-IDs. With `hour_of` each waits for its reader's hour; who is
        too late for hers is skipped.
        """
        try:
            with self._engine.begin() as connection:
                return self.fill_within(connection, edition, domain=domain, now=now, hour_of=hour_of)
        except IntegrityError:  # another process filled it at the same moment
            return 0

    def fill_within(
        self,
        connection: Connection,
        edition: EditionName,
        *,
        domain: str,
        now: datetime,
        hour_of: HourOf | None = None,
    ) -> int:
        """Do what `fill` does, in the transaction that freezes the edition."""
        readers = self._active_readers(connection, edition.newsletter)
        standing = [(reader, _first_state(hour_of(zone) if hour_of else None)) for reader, zone in readers]
        return _queue(connection, edition, standing, domain=domain, now=now)

    def skip_late(self, edition: EditionName, *, before: datetime, reply: str, now: datetime) -> int:
        """Skip the deliveries that wait for a reader's hour which was before a moment; return how many."""
        late = and_(
            deliveries.c.state == str(DeliveryState.QUEUED),
            deliveries.c.attempt == 0,
            deliveries.c.next_at < before,
        )
        values = _first_state(ReaderHour(at=before, too_late=reply)) | {"changed_at": now}
        with self._engine.begin() as connection:
            return connection.execute(
                update(deliveries).where(free(edition, late), late).values(**values)
            ).rowcount

    def hours_ahead(self, edition: EditionName, *, now: datetime) -> tuple[int, datetime | None]:
        """Count the deliveries that wait for a reader's hour, and return the last one's."""
        waits = and_(deliveries.c.state == str(DeliveryState.QUEUED), deliveries.c.next_at > now)
        query = select(func.count(), func.max(deliveries.c.next_at)).where(of_edition(edition), waits)
        with reading(self._engine) as connection:
            row = connection.execute(query).one()
            return int(row[0]), row[1]


def _first_state(hour: ReaderHour | None) -> dict[str, Any]:
    """Return where a delivery stands at first: queued, waiting for its reader's hour, or skipped."""
    if hour is not None and hour.too_late:
        return {"state": str(DeliveryState.SKIPPED), "next_at": None, "reply": hour.too_late}
    at = hour.at if hour is not None else None
    return {"state": str(DeliveryState.QUEUED), "next_at": at, "reply": ""}


def _queue(
    connection: Connection,
    edition: EditionName,
    readers: Iterable[tuple[SubscriberId, dict[str, Any]]],
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
            "message_id": f"<{word}.{edition.date.isoformat()}.{secrets.token_hex(10)}@{domain}>",
            "changed_at": now,
            **first_state,
        }
        for reader, first_state in readers
    ]
    insert_many(connection, deliveries, rows)
    return len(rows)

"""Keep whom a newsletter goes to and what became of each delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from digest.model import EditionName
from digest.store.outbox import Deliveries, queue
from digest.store.subscribers import Subscribers


class Mailing(Deliveries, Subscribers):
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
        return queue(connection, edition, readers, domain=domain, now=now)

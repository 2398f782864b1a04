"""Keep the addresses that nothing but their owner may bring back, each as a keyed hash alone."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, select

from digest.store.bulk import insert_missing
from digest.store.tables import suppressions

EVERYWHERE = ""
"""The newsletter of a suppression that holds for all of them."""


class SuppressionList:
    """The suppressions of one store. `secret` keys the hashes; it is asked for when first needed."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    def hash(self, key: str) -> str:
        """Return what stands for an address key (`digest.mailbox.address_key`)."""
        return hmac.digest(self._secret(), b"suppression\0" + key.encode(), sha256).hex()

    def add(self, connection: Connection, newsletter: str, key: str, *, why: str, now: datetime) -> None:
        """Keep an address off a newsletter; the first reason stays."""
        row = {"address_hash": self.hash(key), "newsletter": newsletter, "why": why, "since": now}
        insert_missing(connection, suppressions, row)

    def lift(self, connection: Connection, newsletter: str, key: str) -> None:
        """Let an address be a reader again, since its owner asked for it."""
        connection.execute(
            delete(suppressions).where(
                suppressions.c.newsletter.in_((newsletter, EVERYWHERE)),
                suppressions.c.address_hash == self.hash(key),
            )
        )

    def of(self, connection: Connection, newsletter: str) -> frozenset[str]:
        """Return the hashes of all who are kept off a newsletter."""
        query = select(suppressions.c.address_hash).where(
            suppressions.c.newsletter.in_((newsletter, EVERYWHERE))
        )
        return frozenset(connection.scalars(query))

    def covers(self, key: str, gone: frozenset[str]) -> bool:
        """Say whether an address is among those that `of` returned."""
        return bool(gone) and self.hash(key) in gone

    def entries(self, connection: Connection, key: str, *, newsletters: Iterable[str] = ()) -> list[Any]:
        """Return the rows about an address: of all newsletters, or of those named and of all at once."""
        query = select(suppressions).where(suppressions.c.address_hash == self.hash(key))
        named = tuple(newsletters)
        if named:
            query = query.where(suppressions.c.newsletter.in_((*named, EVERYWHERE)))
        return list(connection.execute(query.order_by(suppressions.c.newsletter)))

"""Keep what each reader agreed to: the exact words, when, where from, and what shows it. Nothing here is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, ScalarSelect, Select, insert, literal, select

from digest.store.tables import consents, subscribers

Act = Literal["asked", "confirmed", "added", "imported"]
How = Literal["form", "link", "preferences", "command", "import", "configuration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What someone did. `wording` is what they agreed to, word for word; `came_from` the network address.

    `proof` says what shows it: a file and its hash, the record that a confirmation answers, who told us.
    """

    act: Act
    how: How
    wording: str = ""
    came_from: str = ""
    proof: str = ""


def record_consent(connection: Connection, subscriber: int, consent: Consent, *, now: datetime) -> int:
    """Write a record down; return its number."""
    values = _values(consent, now) | {"subscriber_id": subscriber}
    key = connection.execute(insert(consents).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def record_for_all(
    connection: Connection, whom: Select[Any] | ScalarSelect[Any], consent: Consent, *, now: datetime
) -> None:
    """Write a record down for each reader whose number `whom` selects."""
    values = _values(consent, now)
    readers = select(
        subscribers.c.id, *(literal(value, consents.c[name].type) for name, value in values.items())
    )
    connection.execute(
        insert(consents).from_select(
            ["subscriber_id", *values], readers.where(subscribers.c.id.in_(whom)).order_by(subscribers.c.id)
        )
    )


def consents_of(connection: Connection, subscriber: int) -> list[dict[str, Any]]:
    """Return a reader's records, oldest first, as they are told to the reader."""
    names = ("act", "how", "wording", "wording_hash", "came_from", "proof", "given_at")
    query = select(*(consents.c[name] for name in names)).where(consents.c.subscriber_id == subscriber)
    return [dict(row) for row in connection.execute(query.order_by(consents.c.id)).mappings()]


def _values(consent: Consent, now: datetime) -> dict[str, Any]:
    return {
        "act": consent.act,
        "how": consent.how,
        "wording": consent.wording,
        "wording_hash": sha256(consent.wording.encode()).hexdigest() if consent.wording else "",
        "came_from": consent.came_from,
        "proof": consent.proof,
        "given_at": now,
    }

"""Take down who asks for a newsletter, the mails that ask them to confirm it, and that they confirmed.

Whatever the address, asking is one transaction that writes, so that its time tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.mailbox import Mailbox, address_key
from digest.model import SubscriberId
from digest.store.consents import Consent, record_consent
from digest.store.database import reading
from digest.store.reader_rows import activate, find_row, new_row
from digest.store.subscribers import Subscribers
from digest.store.tables import attempts, confirmations, consents, deliveries, subscribers

AskId = NewType("AskId", int)
"""The number of the consent record that someone asked with."""

VALID = timedelta(days=7)
"""How long a mailed link confirms."""
FORGOTTEN = timedelta(days=30)
"""When who never confirmed is deleted."""
CONFIRMED = "signed up by the form, and confirmed by the link sent to the address"
CLAIM = timedelta(minutes=10)
_STOPPED = ("bounced", "complained")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many within so long. The window begins with the first."""

    most: int
    within: timedelta


A_BLOCK = Limit(most=20, within=timedelta(hours=1))
UNKNOWN_BLOCK = Limit(most=300, within=timedelta(hours=1))
A_SUBSCRIPTION = Limit(most=1, within=timedelta(hours=1))
A_MAILBOX = Limit(most=6, within=timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One filled form. `block` is the network that it came from, empty where that is unknown."""

    newsletter: str
    mailbox: Mailbox
    wording: str
    came_from: str
    block: str


class AskState(StrEnum):
    """What a link to confirm is still good for."""

    OPEN = "open"
    DONE = "done"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a link to confirm speaks for. A link is spent when it is old, or its reader left since."""

    id: AskId
    newsletter: str
    subscriber: SubscriberId
    wording: str
    asked_at: datetime
    state: AskState


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to send: `confirm` asks to confirm, `known` says that the address gets the newsletter already."""

    ask: AskId
    kind: str
    newsletter: str
    subscriber: SubscriberId
    address: str
    language: str | None
    wording: str
    asked_at: datetime
    tries: int


class SignUps(Subscribers):
    """The sign-ups of one store."""

    def ask(self, asking: Asking, *, now: datetime) -> bool:
        """Take a form down, and queue its mail where there is to be one; False where its network asks too often.

        Only that is told: whether the address is known, suppressed, new, or was asked for a moment ago is not.
        """
        try:
            return self._ask(asking, now)
        except IntegrityError:  # the same form, twice at the same moment
            return self._ask(asking, now)

    def take_letters(self, *, now: datetime, limit: int = 20) -> list[Letter]:
        """Claim mails that are due, each for one caller and a while: one that dies leaves them to be claimed again."""
        due = confirmations.c.next_at <= now
        query = (
            select(
                confirmations,
                consents.c.wording,
                consents.c.given_at,
                subscribers.c.id.label("reader"),
                subscribers.c.newsletter,
                subscribers.c.address,
                subscribers.c.language,
            )
            .join(consents, consents.c.id == confirmations.c.consent_id)
            .join(subscribers, subscribers.c.id == consents.c.subscriber_id)
            .where(due, subscribers.c.address != "")
            .order_by(confirmations.c.next_at)
            .limit(limit)
        )
        with self._engine.begin() as connection:
            letters = [_letter(row) for row in connection.execute(query)]
            claim = update(confirmations).where(due).values(next_at=now + CLAIM)
            return [
                letter
                for letter in letters
                if connection.execute(
                    claim.where(confirmations.c.consent_id == letter.ask).values(tries=letter.tries)
                ).rowcount
            ]

    def settle_letter(self, letter: Letter, *, sent: bool, again_at: datetime | None, now: datetime) -> None:
        """Write down what became of a mail: sent, to be tried again, or given up."""
        with self._engine.begin() as connection:
            connection.execute(
                update(confirmations)
                .where(confirmations.c.consent_id == letter.ask)
                .values(sent_at=now if sent else None, next_at=None if sent else again_at)
            )

    def find_asked(self, ask: AskId, *, now: datetime) -> Asked | None:
        """Return what a record asked for and what became of it, or None."""
        with reading(self._engine) as connection:
            return self._asked(connection, ask, now)

    def confirm(self, ask: AskId, *, came_from: str, now: datetime) -> Asked | None:
        """Make who asked a reader, and return what it was about; repeating it changes nothing."""
        with self._engine.begin() as connection:
            asked = self._asked(connection, ask, now)
            if asked is None or asked.state is not AskState.OPEN:
                return asked
            row = connection.execute(select(subscribers).where(subscribers.c.id == asked.subscriber)).one()
            activate(connection, [row.id], CONFIRMED, now)
            self._suppressions.lift(connection, row.newsletter, row.address_key)
            proof = f"the link sent to the address on {asked.asked_at.isoformat(timespec='seconds')}"
            consent = Consent(
                act="confirmed", how="link", wording=asked.wording, came_from=came_from, proof=proof
            )
            record_consent(connection, row.id, consent, now=now)
            return self._asked(connection, ask, now)

    def _ask(self, asking: Asking, now: datetime) -> bool:
        mailbox, key = asking.mailbox, address_key(asking.mailbox.address)
        with self._engine.begin() as connection:
            clean_up(connection, now, newsletter=asking.newsletter)
            if not self._may(
                connection, "block", asking.block, A_BLOCK if asking.block else UNKNOWN_BLOCK, now
            ):
                return False
            plain = _without_tag(key)
            if not (
                self._may(connection, f"subscription {asking.newsletter}", plain, A_SUBSCRIPTION, now)
                and self._may(connection, "mailbox", plain, A_MAILBOX, now)
            ):
                return True
            row = find_row(connection, asking.newsletter, key)
            kept_off = self._suppressions.entries(connection, key, newsletters=[asking.newsletter])
            if (row is not None and row.state in _STOPPED) or any(one.why in _STOPPED for one in kept_off):
                return True
            if row is None:
                values = new_row(asking.newsletter, mailbox, key, "", now) | {"state": "pending"}
                (number,) = connection.execute(insert(subscribers).values(values)).inserted_primary_key or (
                    0,
                )
            else:
                number = row.id
                _drop_letters(connection, number)
            consent = Consent(act="asked", how="form", wording=asking.wording, came_from=asking.came_from)
            record = record_consent(connection, number, consent, now=now)
            is_known = row is not None and row.state == "active"
            connection.execute(
                insert(confirmations).values(
                    consent_id=record, kind="known" if is_known else "confirm", next_at=now
                )
            )
            return True

    def _may(self, connection: Connection, kind: str, what: str, limit: Limit, now: datetime) -> bool:
        """Count an attempt; False where there were too many. Only a keyed hash is kept, for a day."""
        key = self._suppressions.hash(f"{kind}\0{what}")
        row = connection.execute(select(attempts).where(attempts.c.key == key)).first()
        if row is None:
            connection.execute(insert(attempts).values(key=key, since=now, made=1))
            return True
        is_over = row.since <= now - limit.within or row.since > now
        made = 1 if is_over else row.made + 1
        connection.execute(
            update(attempts)
            .where(attempts.c.key == key)
            .values(made=made, since=now if is_over else row.since)
        )
        return made <= limit.most

    def _asked(self, connection: Connection, ask: AskId, now: datetime) -> Asked | None:
        query = (
            select(consents, subscribers.c.newsletter, subscribers.c.state, subscribers.c.address_key)
            .join(subscribers, subscribers.c.id == consents.c.subscriber_id)
            .where(consents.c.id == ask, consents.c.act == "asked", consents.c.how == "form")
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        return Asked(
            id=ask,
            newsletter=row.newsletter,
            subscriber=SubscriberId(row.subscriber_id),
            wording=row.wording,
            asked_at=row.given_at,
            state=self._ask_state(connection, row, now),
        )

    def _ask_state(self, connection: Connection, row: Any, now: datetime) -> AskState:
        if row.state == "active":
            return AskState.DONE
        later = select(consents.c.id).where(
            consents.c.subscriber_id == row.subscriber_id,
            consents.c.id > row.id,
            consents.c.act == "confirmed",
        )
        left = self._suppressions.entries(connection, row.address_key, newsletters=[row.newsletter])
        is_spent = (
            row.state in _STOPPED
            or now >= row.given_at + VALID
            or connection.execute(later).first() is not None
            or any(entry.since > row.given_at for entry in left)
        )
        return AskState.SPENT if is_spent else AskState.OPEN


def _letter(row: Any) -> Letter:
    return Letter(
        ask=AskId(row.consent_id),
        kind=row.kind,
        newsletter=row.newsletter,
        subscriber=SubscriberId(row.reader),
        address=row.address,
        language=row.language,
        wording=row.wording,
        asked_at=row.given_at,
        tries=row.tries + 1,
    )


def _without_tag(key: str) -> str:
    """Return the mailbox behind `name+tag@domain`: many addresses of one person are one when mails are counted."""
    local, _, domain = key.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _drop_letters(connection: Connection, subscriber: int) -> None:
    """Give up mails that a new one takes the place of."""
    older = select(consents.c.id).where(consents.c.subscriber_id == subscriber)
    connection.execute(
        update(confirmations)
        .where(confirmations.c.consent_id.in_(older), confirmations.c.next_at.is_not(None))
        .values(next_at=None)
    )


def clean_up(connection: Connection, now: datetime, *, newsletter: str | None = None) -> int:
    """Delete counts that no limit looks at any more, and who never confirmed, of one newsletter or all; count these."""
    connection.execute(delete(attempts).where(attempts.c.since < now - A_MAILBOX.within))
    was_sent_to = select(deliveries.c.subscriber_id).where(deliveries.c.subscriber_id == subscribers.c.id)
    unconfirmed = delete(subscribers).where(
        subscribers.c.state == "pending",
        subscribers.c.changed_at < now - FORGOTTEN,
        ~was_sent_to.exists(),
    )
    if newsletter is not None:
        unconfirmed = unconfirmed.where(subscribers.c.newsletter == newsletter)
    return connection.execute(unconfirmed).rowcount

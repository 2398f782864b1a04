"""Keep the readers of newsletters, how each came to be one, and whom nothing may bring back.

Who leaves stays as a row in state LEFT, and as a keyed hash of the address among the suppressions: the hash
stays when the row's personal data is erased, and still stops an import.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import AddressError
from digest.mailbox import LONGEST_NAME, Mailbox, address_key, one_line, parse_mailbox
from digest.model import Failure, Subscriber, SubscriberId, SubscriberState
from digest.store.bulk import insert_many
from digest.store.consents import Consent, record_consent, record_for_all
from digest.store.database import reading
from digest.store.reader_rows import activate, find_row, is_active, new_row, rows_by_key, subscriber_of
from digest.store.suppression import SuppressionList
from digest.store.tables import subscribers

CONFIGURED = "named in the configuration"
"""The consent of `readers = [...]`: who is taken out of the list gets nothing more, and may be put back."""

_column = subscribers.c
GETS_IT = (str(SubscriberState.ACTIVE), str(SubscriberState.PENDING))


class Subscribers:
    """The readers of one store. `secret` keys the hashes of those who left; it is asked for when first needed."""

    def __init__(self, engine: Engine, *, secret: Callable[[], bytes]) -> None:
        self._engine = engine
        self._suppressions = SuppressionList(secret)

    def add(
        self,
        newsletter: str,
        address: str,
        *,
        consent: str,
        now: datetime,
        name: str = "",
        state: SubscriberState = SubscriberState.ACTIVE,
    ) -> Subscriber:
        """Add a reader who asked for it, or make one who left active again.

        A configured reader's consent becomes this one: they stay when the configuration drops them.
        Raises AddressError. An address may be written as `Name <address>`.
        """
        mailbox = parse_mailbox(address)
        given = Mailbox(address=mailbox.address, name=one_line(name)[:LONGEST_NAME] or mailbox.name)
        try:
            return self._add(newsletter, given, consent, now, state)
        except IntegrityError:  # another process added them at the same moment
            return self._add(newsletter, given, consent, now, state)

    def remove(self, newsletter: str, address: str, *, now: datetime) -> bool:
        """Take a reader off, for good; False where the address gets nothing anyway."""
        with self._engine.begin() as connection:
            row = find_row(connection, newsletter, address_key(address))
            return row is not None and self._leave(connection, row, now)

    def leave(self, subscriber: SubscriberId, *, now: datetime) -> Subscriber | None:
        """Take the reader off whom an unsubscribe link speaks for; None where there is none. Repeating is harmless."""
        with self._engine.begin() as connection:
            row = connection.execute(select(subscribers).where(_column.id == subscriber)).first()
            if row is None:
                return None
            self._leave(connection, row, now)
            row = connection.execute(select(subscribers).where(_column.id == subscriber)).one()
            return subscriber_of(row)

    def find(self, newsletter: str, address: str) -> Subscriber | None:
        """Return a newsletter's reader by address, or None."""
        with reading(self._engine) as connection:
            row = find_row(connection, newsletter, address_key(address))
            return subscriber_of(row) if row is not None else None

    def newsletter_of(self, subscriber: SubscriberId) -> str | None:
        """Return the newsletter that someone is or was a reader of, or None where there is no such reader."""
        with reading(self._engine) as connection:
            return connection.scalar(select(_column.newsletter).where(_column.id == subscriber))

    def still_wanted(self, subscriber: SubscriberId) -> bool:
        """Say whether the reader is active, at this moment."""
        with reading(self._engine) as connection:
            state = connection.scalar(select(_column.state).where(_column.id == subscriber))
            return bool(state == str(SubscriberState.ACTIVE))

    def count_active(self, newsletter: str) -> int:
        """Count those who get the newsletter."""
        query = select(func.count()).select_from(subscribers).where(is_active(newsletter))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def reader_zones(self, newsletter: str) -> list[str | None]:
        """Return the time zones of those who get the newsletter, each once; None where some have not told theirs."""
        query = select(_column.time_zone).where(is_active(newsletter)).distinct()
        with reading(self._engine) as connection:
            return list(connection.scalars(query))

    def list_subscribers(
        self, newsletter: str, *, states: Sequence[SubscriberState] = ()
    ) -> list[Subscriber]:
        """List a newsletter's readers in the order they joined; without states, all but the erased."""
        query = select(subscribers).where(_column.newsletter == newsletter, _column.address != "")
        if states:
            query = query.where(_column.state.in_([str(state) for state in states]))
        with reading(self._engine) as connection:
            return [subscriber_of(row) for row in connection.execute(query.order_by(_column.id))]

    def ensure_readers(self, newsletter: str, addresses: Iterable[str], *, now: datetime) -> list[Failure]:
        """Make the configured `readers` active and those no longer configured inactive; who left stays away.

        Returns the addresses that are none.
        """
        wanted: dict[str, Mailbox] = {}
        failures = []
        for text in addresses:
            try:
                mailbox = parse_mailbox(text)
                wanted.setdefault(address_key(mailbox.address), mailbox)
            except AddressError as exc:
                failures.append(Failure(subject=text, message=str(exc)))
        with self._engine.begin() as connection:
            known = rows_by_key(connection, newsletter, wanted)
            gone = self._suppressions.of(connection, newsletter)
            missing = {key: one for key, one in wanted.items() if not self._suppressions.covers(key, gone)}
            new = [
                new_row(newsletter, mailbox, key, CONFIGURED, now)
                for key, mailbox in missing.items()
                if key not in known
            ]
            back = [known[key].id for key in missing if key in known and known[key].state != "active"]
            _add_configured(connection, newsletter, new, back, now)
            _drop_configured(connection, newsletter, wanted, now)
        return failures

    def _add(
        self, newsletter: str, mailbox: Mailbox, consent: str, now: datetime, state: SubscriberState
    ) -> Subscriber:
        key = address_key(mailbox.address)
        is_asked = state is SubscriberState.ACTIVE
        with self._engine.begin() as connection:
            row = find_row(connection, newsletter, key)
            changes = row is None or row.state != "active" or (row.consent == CONFIGURED and is_asked)
            if row is None:
                values = new_row(newsletter, mailbox, key, consent, now) | {"state": str(state)}
                connection.execute(insert(subscribers), values)
            elif changes:
                activate(connection, [row.id], consent, now, state=state)
            if row is not None and mailbox.name:
                connection.execute(update(subscribers).where(_column.id == row.id).values(name=mailbox.name))
            if is_asked:
                self._suppressions.lift(connection, newsletter, key)
            found = find_row(connection, newsletter, key)
            assert found is not None
            if changes:
                told = Consent(act="added" if is_asked else "asked", how="command", proof=consent)
                record_consent(connection, found.id, told, now=now)
            return subscriber_of(found)

    def _leave(self, connection: Connection, row: Any, now: datetime) -> bool:
        if row.address == "":
            return False
        self._suppressions.add(connection, row.newsletter, row.address_key, why="left", now=now)
        if row.state not in GETS_IT:
            return False
        connection.execute(
            update(subscribers)
            .where(_column.id == row.id)
            .values(state=str(SubscriberState.LEFT), changed_at=now)
        )
        return True

    def _active_readers(
        self, connection: Connection, newsletter: str
    ) -> list[tuple[SubscriberId, str | None]]:
        """Return who gets the newsletter, each with her time zone, as they joined, the suppressed left out."""
        gone = self._suppressions.of(connection, newsletter)
        columns = _column.id, _column.address_key, _column.time_zone
        query = select(*columns).where(is_active(newsletter)).order_by(_column.id)
        return [
            (SubscriberId(row.id), row.time_zone)
            for row in connection.execute(query)
            if not self._suppressions.covers(row.address_key, gone)
        ]


def _add_configured(
    connection: Connection, newsletter: str, new: list[dict[str, Any]], back: list[int], now: datetime
) -> None:
    consent = Consent(act="added", how="configuration")
    last = connection.scalar(select(func.max(_column.id))) or 0
    insert_many(connection, subscribers, new)
    added = select(_column.id).where(
        _column.id > last, _column.newsletter == newsletter, _column.consent == CONFIGURED
    )
    if new:
        record_for_all(connection, added, consent, now=now)
    activate(connection, back, CONFIGURED, now)
    for number in back:
        record_consent(connection, number, consent, now=now)


def _drop_configured(connection: Connection, newsletter: str, wanted: Collection[str], now: datetime) -> None:
    """Take off who is not in the configuration's list any more. The list may be longer than a statement can be."""
    query = select(_column.id, _column.address_key).where(
        is_active(newsletter), _column.consent == CONFIGURED
    )
    dropped = [{"its_id": row.id} for row in connection.execute(query) if row.address_key not in wanted]
    if dropped:
        leave = update(subscribers).where(_column.id == bindparam("its_id"))
        connection.execute(leave.values(state=str(SubscriberState.LEFT), changed_at=now), dropped)

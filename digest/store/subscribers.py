"""Keep the readers of newsletters, how each came to be one, and whom nothing may bring back.

Who leaves stays as a row in state LEFT, and as a keyed hash of the address among the suppressions: the hash
stays when the row's personal data is erased, and still stops an import.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import AddressError
from digest.mailbox import LONGEST_NAME, Mailbox, address_key, one_line, parse_mailbox
from digest.model import Failure, Subscriber, SubscriberId, SubscriberState
from digest.store.bulk import insert_many
from digest.store.database import reading
from digest.store.subscriber_file import ReaderRow, read_reader_file, write_readers
from digest.store.tables import subscribers, suppressions

CONFIGURED = "named in the configuration"
"""The consent of `readers = [...]`: who is taken out of the list gets nothing more, and may be put back."""
LOOK_UP_AT_ONCE = 500
EXPORT_COLUMNS = ("email", "name", "state", "time_zone", "language", "joined_at", "consent")

_column = subscribers.c
_GETS_IT = (str(SubscriberState.ACTIVE), str(SubscriberState.PENDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What came of an import, or with a dry run would come of it. `already` counts repeats within the file too."""

    added: int
    already: int
    refused: tuple[Failure, ...]


class Subscribers:
    """The readers of one store. `secret` keys the hashes of those who left; it is asked for when first needed."""

    def __init__(self, engine: Engine, *, secret: Callable[[], bytes]) -> None:
        self._engine = engine
        self._secret = secret

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
            row = _find(connection, newsletter, address_key(address))
            return row is not None and self._leave(connection, row, now)

    def leave(self, subscriber: SubscriberId, *, now: datetime) -> Subscriber | None:
        """Take the reader off whom an unsubscribe link speaks for; None where there is none. Repeating is harmless."""
        with self._engine.begin() as connection:
            row = connection.execute(select(subscribers).where(_column.id == subscriber)).first()
            if row is None:
                return None
            self._leave(connection, row, now)
            row = connection.execute(select(subscribers).where(_column.id == subscriber)).one()
            return _subscriber(row)

    def erase(self, newsletter: str, address: str, *, now: datetime) -> bool:
        """Take a reader off and forget who they were; False where the address is not known.

        What was sent to them stays counted. A keyed hash stays, so that no import brings them back.
        """
        with self._engine.begin() as connection:
            row = _find(connection, newsletter, address_key(address))
            if row is None:
                return False
            self._leave(connection, row, now)
            connection.execute(
                update(subscribers)
                .where(_column.id == row.id)
                .values(
                    address="", address_key=f"erased {row.id}", name="", consent="", time_zone=None, language=None,
                    changed_at=now,
                )
            )  # fmt: skip
            return True

    def find(self, newsletter: str, address: str) -> Subscriber | None:
        """Return a newsletter's reader by address, or None."""
        with reading(self._engine) as connection:
            row = _find(connection, newsletter, address_key(address))
            return _subscriber(row) if row is not None else None

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
        query = select(func.count()).select_from(subscribers).where(_active(newsletter))
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def list_subscribers(
        self, newsletter: str, *, states: Sequence[SubscriberState] = ()
    ) -> list[Subscriber]:
        """List a newsletter's readers in the order they joined; without states, all but the erased."""
        query = select(subscribers).where(_column.newsletter == newsletter, _column.address != "")
        if states:
            query = query.where(_column.state.in_([str(state) for state in states]))
        with reading(self._engine) as connection:
            return [_subscriber(row) for row in connection.execute(query.order_by(_column.id))]

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
            known = _by_key(connection, newsletter, wanted)
            gone = self._suppressed(connection, newsletter)
            for key, mailbox in wanted.items():
                row = known.get(key)
                if self._is_suppressed(key, gone) or (row is not None and row.state == "active"):
                    continue
                if row is None:
                    connection.execute(insert(subscribers), _new(newsletter, mailbox, key, CONFIGURED, now))
                else:
                    _activate(connection, row.id, CONFIGURED, now)
            connection.execute(
                update(subscribers)
                .where(_active(newsletter), _column.consent == CONFIGURED, _column.address_key.not_in(wanted))
                .values(state=str(SubscriberState.LEFT), changed_at=now)
            )
        return failures

    def import_csv(
        self, path: Path, newsletter: str, *, now: datetime, dry_run: bool = False
    ) -> ImportReport:
        """Add the readers of a file, all in one commit, keeping its name and hash as their consent.

        Raises UsageError where the file cannot be read. Lines that cannot be used, and readers who left, are
        refused one by one.
        """
        file = read_reader_file(path)
        refused, new, back, asked = list(file.refused), [], [], []
        already = file.repeated
        with self._engine.begin() as connection:
            known = _by_key(connection, newsletter, [row.key for row in file.rows])
            gone = self._suppressed(connection, newsletter)
            for row in file.rows:
                there = known.get(row.key)
                if self._is_suppressed(row.key, gone) or (there and there.state in ("bounced", "complained")):
                    refused.append(_refusal(path, row, there))
                elif there is None:
                    new.append(_imported(newsletter, row, file.origin, now))
                elif there.state == "active":
                    already += 1
                    if there.consent == CONFIGURED:
                        asked.append(there.id)
                else:
                    back.append(there.id)
            if not dry_run:
                insert_many(connection, subscribers, new)
                for subscriber in back + asked:
                    _activate(connection, subscriber, file.origin, now)
        return ImportReport(added=len(new) + len(back), already=already, refused=tuple(refused))

    def export_csv(self, newsletter: str) -> str:
        """Return a newsletter's readers as CSV, those who left with them."""
        return write_readers(
            [
                [
                    one.address,
                    one.name,
                    str(one.state),
                    one.time_zone or "",
                    one.language or "",
                    one.joined_at.isoformat() if one.joined_at else "",
                    one.consent,
                ]
                for one in self.list_subscribers(newsletter)
            ],
            EXPORT_COLUMNS,
        )

    def _add(
        self, newsletter: str, mailbox: Mailbox, consent: str, now: datetime, state: SubscriberState
    ) -> Subscriber:
        key = address_key(mailbox.address)
        with self._engine.begin() as connection:
            row = _find(connection, newsletter, key)
            if row is None:
                values = _new(newsletter, mailbox, key, consent, now) | {"state": str(state)}
                connection.execute(insert(subscribers), values)
            elif row.state != "active":
                _activate(connection, row.id, consent, now, state=state)
            elif row.consent == CONFIGURED and state is SubscriberState.ACTIVE:
                _activate(connection, row.id, consent, now)
            if row is not None and mailbox.name:
                connection.execute(update(subscribers).where(_column.id == row.id).values(name=mailbox.name))
            connection.execute(
                delete(suppressions).where(
                    suppressions.c.newsletter == newsletter, suppressions.c.address_hash == self._hash(key)
                )
            )
            found = _find(connection, newsletter, key)
            assert found is not None
            return _subscriber(found)

    def _leave(self, connection: Connection, row: Any, now: datetime) -> bool:
        if row.address == "":
            return False
        key = {"address_hash": self._hash(row.address_key), "newsletter": row.newsletter}
        known = select(suppressions.c.why).where(
            suppressions.c.address_hash == key["address_hash"], suppressions.c.newsletter == row.newsletter
        )
        if connection.execute(known).first() is None:
            connection.execute(insert(suppressions), key | {"why": "left", "since": now})
        if row.state not in _GETS_IT:
            return False
        connection.execute(
            update(subscribers)
            .where(_column.id == row.id)
            .values(state=str(SubscriberState.LEFT), changed_at=now)
        )
        return True

    def _active_ids(self, connection: Connection, newsletter: str) -> list[SubscriberId]:
        """Return who gets the newsletter, in the order they joined, the suppressed left out."""
        gone = self._suppressed(connection, newsletter)
        query = select(_column.id, _column.address_key).where(_active(newsletter)).order_by(_column.id)
        return [
            SubscriberId(row.id)
            for row in connection.execute(query)
            if not self._is_suppressed(row.address_key, gone)
        ]

    def _suppressed(self, connection: Connection, newsletter: str) -> frozenset[str]:
        query = select(suppressions.c.address_hash).where(suppressions.c.newsletter == newsletter)
        return frozenset(connection.scalars(query))

    def _is_suppressed(self, key: str, gone: frozenset[str]) -> bool:
        return bool(gone) and self._hash(key) in gone

    def _hash(self, key: str) -> str:
        return hmac.digest(self._secret(), b"suppression\0" + key.encode(), sha256).hex()


def _active(newsletter: str) -> ColumnElement[bool]:
    return and_(_column.newsletter == newsletter, _column.state == str(SubscriberState.ACTIVE))


def _find(connection: Connection, newsletter: str, key: str) -> Any:
    query = select(subscribers).where(_column.newsletter == newsletter, _column.address_key == key)
    return connection.execute(query).first()


def _by_key(connection: Connection, newsletter: str, keys: Iterable[str]) -> dict[str, Any]:
    """Return a newsletter's readers by address key: those asked for, or all where that is cheaper."""
    wanted = list(keys)
    query = select(_column.id, _column.address_key, _column.state, _column.changed_at, _column.consent).where(
        _column.newsletter == newsletter
    )
    if len(wanted) <= LOOK_UP_AT_ONCE:
        query = query.where(_column.address_key.in_(wanted))
    return {row.address_key: row for row in connection.execute(query)}


def _activate(
    connection: Connection,
    subscriber: int,
    consent: str,
    now: datetime,
    *,
    state: SubscriberState = SubscriberState.ACTIVE,
) -> None:
    connection.execute(
        update(subscribers)
        .where(_column.id == subscriber)
        .values(state=str(state), consent=consent, changed_at=now)
    )


def _new(newsletter: str, mailbox: Mailbox, key: str, consent: str, now: datetime) -> dict[str, Any]:
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


def _imported(newsletter: str, row: ReaderRow, origin: str, now: datetime) -> dict[str, Any]:
    mailbox = Mailbox(address=row.address, name=row.name)
    return _new(newsletter, mailbox, row.key, origin, now) | {
        "time_zone": row.time_zone,
        "language": row.language,
    }


def _refusal(path: Path, row: ReaderRow, there: Any) -> Failure:
    when = f" on {there.changed_at:%Y-%m-%d}" if there is not None else ""
    why = there.state if there is not None and there.state in ("bounced", "complained") else "left"
    return Failure(
        subject=f"{path.name}, line {row.line}",
        message=f"{row.address} {why}{when}; an import brings nobody back. "
        "If they asked again: 'digest subscribers add'.",
    )


def _subscriber(row: Any) -> Subscriber:
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
    )

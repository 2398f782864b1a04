"""Bring readers in from a file, and give them out as one: who left before stays away, whatever a file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from digest.mailbox import Mailbox
from digest.model import Failure
from digest.store.bulk import insert_many
from digest.store.consents import Consent, record_for_all
from digest.store.reader_rows import activate, new_row, rows_by_key
from digest.store.subscriber_file import ReaderFile, ReaderRow, read_reader_file, write_readers
from digest.store.subscribers import CONFIGURED, Subscribers
from digest.store.tables import subscribers

EXPORT_COLUMNS = ("email", "name", "state", "time_zone", "language", "joined_at", "consent")
STOPPED = ("bounced", "complained")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What came of an import, or with a dry run would come of it.

    `read` counts lines; `already` counts repeats within the file too. `suppressed` are those who left, here or by
    the file's own word, and are kept off; `bad` the lines that cannot be used.
    """

    read: int
    added: int
    already: int
    suppressed: tuple[Failure, ...]
    bad: tuple[Failure, ...]

    @property
    def refused(self) -> tuple[Failure, ...]:
        """Return all that did not become a reader."""
        return self.bad + self.suppressed


@dataclass(slots=True, kw_only=True)
class _Sorted:
    """The readers of a file by what is to be done with each."""

    new: list[dict[str, Any]] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    gone: list[tuple[ReaderRow, Any]] = field(default_factory=list)
    suppressed: list[Failure] = field(default_factory=list)
    already: int = 0


class Imports(Subscribers):
    """The files of readers."""

    def import_csv(
        self, path: Path, newsletter: str, *, now: datetime, dry_run: bool = False, wording: str = ""
    ) -> ImportReport:
        """Add the readers of a file, all in one commit, keeping its name and hash as their consent.

        `wording` is what they agreed to where they signed up. Raises UsageError where the file cannot be read.
        Lines that cannot be used, and readers who left, are refused one by one.
        """
        file = read_reader_file(path)
        with self._engine.begin() as connection:
            found = self._sort(connection, path, newsletter, file, now)
            if not dry_run:
                self._bring_in(connection, newsletter, file, found, wording, now)
        return ImportReport(
            read=file.read,
            added=len(found.new) + len(found.back),
            already=found.already + file.repeated,
            suppressed=tuple(found.suppressed),
            bad=file.refused,
        )

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

    def _sort(
        self, connection: Connection, path: Path, newsletter: str, file: ReaderFile, now: datetime
    ) -> _Sorted:
        found = _Sorted()
        known = rows_by_key(connection, newsletter, [row.key for row in file.rows])
        gone = self._suppressions.of(connection, newsletter)
        for row in file.rows:
            there = known.get(row.key)
            if row.gone:
                found.gone.append((row, there))
                found.suppressed.append(_kept_off(path, row))
            elif self._suppressions.covers(row.key, gone) or (there and there.state in STOPPED):
                found.suppressed.append(_refusal(path, row, there))
            elif there is None:
                found.new.append(_imported(newsletter, row, file.origin, now))
            elif there.state == "active":
                found.already += 1
                if there.consent == CONFIGURED:
                    found.asked.append(there.id)
            else:
                found.back.append(there.id)
        return found

    def _bring_in(
        self,
        connection: Connection,
        newsletter: str,
        file: ReaderFile,
        found: _Sorted,
        wording: str,
        now: datetime,
    ) -> None:
        insert_many(connection, subscribers, found.new)
        activate(connection, found.back + found.asked, file.origin, now)
        imported = select(subscribers.c.id).where(
            subscribers.c.newsletter == newsletter,
            subscribers.c.consent == file.origin,
            subscribers.c.changed_at == now,
        )
        consent = Consent(act="imported", how="import", wording=wording, proof=file.origin)
        record_for_all(connection, imported, consent, now=now)
        for row, there in found.gone:
            self._suppressions.add(connection, newsletter, row.key, why=row.gone, now=now)
            if there is not None:
                self._leave(connection, _whole(connection, there.id), now)


def _whole(connection: Connection, subscriber: int) -> Any:
    return connection.execute(select(subscribers).where(subscribers.c.id == subscriber)).one()


def _imported(newsletter: str, row: ReaderRow, origin: str, now: datetime) -> dict[str, Any]:
    mailbox = Mailbox(address=row.address, name=row.name)
    return new_row(newsletter, mailbox, row.key, origin, now) | {
        "time_zone": row.time_zone,
        "language": row.language,
    }


def _kept_off(path: Path, row: ReaderRow) -> Failure:
    return Failure(
        subject=f"{path.name}, line {row.line}",
        message=f"{row.address} {row.gone}, as the file says; no import adds this address from now on.",
    )


def _refusal(path: Path, row: ReaderRow, there: Any) -> Failure:
    when = f" on {there.changed_at:%Y-%m-%d}" if there is not None else ""
    why = there.state if there is not None and there.state in STOPPED else "left"
    return Failure(
        subject=f"{path.name}, line {row.line}",
        message=f"{row.address} {why}{when}; an import brings nobody back. "
        "If they asked again: 'digest subscribers add'.",
    )

"""Keep editions with all their revisions, their frozen renderings, and what each newsletter has printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from digest.errors import StaleEditionError, UnknownEditionError
from digest.model import Edition, EditionName, EditionState, Printed, Rendered, StoryId
from digest.records import (
    edition_from_dict,
    edition_to_dict,
    rendered_from_dict,
    rendered_to_dict,
)
from digest.store.database import reading
from digest.store.stories import LAST_HELD_FIRST
from digest.store.tables import editions, printed, renderings, revisions, stories

RAN = "ran"
"""The key, in a frozen rendering's record, of what its edition told: history compares with it."""
TEXT_KEPT = 20_000
"""Characters of a story's text that are kept there."""
TOLD_AT_MOST = 3
"""Changes that are told to one who did not know of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionEntry:
    """A line of the list of editions."""

    name: EditionName
    state: EditionState
    revision: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionEntry:
    """A line of an edition's history; `who` is empty where nobody is known."""

    revision: int
    saved_at: datetime
    what: str
    who: str = ""


def stale(name: EditionName, since: Sequence[RevisionEntry]) -> StaleEditionError:
    """Return the error that tells who changed an edition since it was looked at; the newest change comes first."""
    told = "; ".join(
        f"{one.who or 'someone else'} {one.what} at {one.saved_at:%H:%M} UTC" for one in since[:TOLD_AT_MOST]
    )
    more = f" and {len(since) - TOLD_AT_MOST} changes before" if len(since) > TOLD_AT_MOST else ""
    return StaleEditionError(
        f"{name} was changed in the meantime: {told}{more}. Look at it again, then repeat your change.",
        newest=since[0].revision if since else 0,
    )


def _unknown(name: EditionName) -> UnknownEditionError:
    draft = f"'digest draft {name.newsletter} --date {name.date}'"
    return UnknownEditionError(f"There is no edition {name}. {draft} makes one.")


class Editions:
    """The editions of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, edition: Edition, *, what: str, now: datetime, who: str = "") -> None:
        """Keep a new revision, saying what changed and who changed it.

        Raises StaleEditionError when someone else saved that revision first; nothing is lost.
        """
        try:
            with self._engine.begin() as connection:
                _save(connection, edition, what=what, now=now, who=who)
        except IntegrityError as exc:
            raise stale(edition.name, self.revisions(edition.name, since=edition.revision - 1)) from exc

    def revision(self, name: EditionName) -> int:
        """Return the number of an edition's newest revision; 0 where there is no such edition."""
        query = select(editions.c.revision).where(
            editions.c.newsletter == name.newsletter, editions.c.date == name.date
        )
        with reading(self._engine) as connection:
            return connection.scalar(query) or 0

    def is_sent(self, name: EditionName) -> bool:
        """Say whether an edition is sent, or its send has begun."""
        query = select(editions.c.state).where(
            editions.c.newsletter == name.newsletter, editions.c.date == name.date
        )
        with reading(self._engine) as connection:
            return connection.scalar(query) == EditionState.SENT

    def set_hours(self, newsletter: str, *, since: date) -> dict[date, datetime]:
        """Return the moments that a person set for approved editions since a date."""
        is_newest = and_(
            revisions.c.newsletter == editions.c.newsletter,
            revisions.c.date == editions.c.date,
            revisions.c.revision == editions.c.revision,
        )
        query = (
            select(editions.c.date, revisions.c.body["send_at"].as_string().label("send_at"))
            .join(revisions, is_newest)
            .where(
                editions.c.newsletter == newsletter,
                editions.c.date >= since,
                editions.c.state == str(EditionState.APPROVED),
            )
        )
        with reading(self._engine) as connection:
            found = {row.date: row.send_at for row in connection.execute(query)}
        return {day: datetime.fromisoformat(at) for day, at in found.items() if at}

    def revisions(self, name: EditionName, *, since: int = 0) -> list[RevisionEntry]:
        """Return the revisions of an edition after that one, the newest first."""
        query = (
            select(revisions.c.revision, revisions.c.saved_at, revisions.c.what, revisions.c.who)
            .where(
                revisions.c.newsletter == name.newsletter,
                revisions.c.date == name.date,
                revisions.c.revision > since,
            )
            .order_by(revisions.c.revision.desc())
        )
        with reading(self._engine) as connection:
            return [
                RevisionEntry(revision=row.revision, saved_at=row.saved_at, what=row.what, who=row.who)
                for row in connection.execute(query)
            ]

    def find(self, name: EditionName) -> Edition | None:
        """Return the newest revision of an edition, or None."""
        query = (
            select(revisions.c.body)
            .where(revisions.c.newsletter == name.newsletter, revisions.c.date == name.date)
            .order_by(revisions.c.revision.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            body = connection.scalar(query)
            return edition_from_dict(body) if body is not None else None

    def get(self, name: EditionName) -> Edition:
        """Return the newest revision of an edition; raise UnknownEditionError where there is none."""
        edition = self.find(name)
        if edition is None:
            raise _unknown(name)
        return edition

    def at_revision(self, name: EditionName, revision: int) -> Edition:
        """Return one revision of an edition; raise UnknownEditionError where there is none."""
        query = select(revisions.c.body).where(
            revisions.c.newsletter == name.newsletter,
            revisions.c.date == name.date,
            revisions.c.revision == revision,
        )
        with reading(self._engine) as connection:
            body = connection.scalar(query)
        if body is None:
            newest = self.get(name).revision
            raise UnknownEditionError(f"{name} has no revision {revision}; its newest is {newest}.")
        return edition_from_dict(body)

    def resolve(self, text: str) -> EditionName:
        """Return the name of the edition that a person typed: NEWSLETTER/DATE, NEWSLETTER/latest or latest.

        Raises UnknownEditionError for a malformed name and where there is no such edition.
        """
        newsletter, _, day = text.rpartition("/")
        if day == "latest":
            latest = self.latest(newsletter or None)
            if latest is None:
                whose = f" of '{newsletter}'" if newsletter else ""
                raise UnknownEditionError(
                    f"There is no edition{whose} yet. 'digest draft NEWSLETTER' makes one."
                )
            return latest
        try:
            name = EditionName(newsletter=newsletter, date=date.fromisoformat(day))
        except ValueError:
            newsletter = ""
        if not newsletter:
            raise UnknownEditionError(
                f"'{text}' names no edition. Name one as NEWSLETTER/DATE (daily/2026-11-24), or 'latest'."
            )
        if not self.revision(name):
            raise _unknown(name)
        return name

    def latest(self, newsletter: str | None = None) -> EditionName | None:
        """Return the newest edition by date, ties by time of making, of one newsletter or of any."""
        entries = self.entries(newsletter, limit=1)
        return entries[0].name if entries else None

    def entries(
        self, newsletter: str | None = None, *, limit: int = 50, before: date | None = None
    ) -> list[EditionEntry]:
        """List editions, newest first; with `before`, those of earlier dates alone."""
        query = select(editions).order_by(editions.c.date.desc(), editions.c.made_at.desc()).limit(limit)
        if newsletter is not None:
            query = query.where(editions.c.newsletter == newsletter)
        if before is not None:
            query = query.where(editions.c.date < before)
        with reading(self._engine) as connection:
            return [
                EditionEntry(
                    name=EditionName(newsletter=row.newsletter, date=row.date),
                    state=EditionState(row.state),
                    revision=row.revision,
                    made_at=row.made_at,
                )
                for row in connection.execute(query)
            ]

    def printed(self, newsletter: str, *, texts_of: int) -> list[Printed]:
        """Return all that a newsletter has run; of its latest so many editions also with what readers were told."""
        query = select(printed).where(printed.c.newsletter == newsletter)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(printed.c.date, printed.c.story_id)).all()
            dates = sorted({row.date for row in rows}, reverse=True)[:texts_of]
            ran = {day: _what_ran(connection, newsletter, day) for day in dates}
            return [
                Printed(
                    story_id=StoryId(row.story_id),
                    title=row.title,
                    url=row.url,
                    date=row.date,
                    **(ran[row.date].of(row.story_id) if row.date in ran else {}),
                )
                for row in rows
            ]

    def rendering(self, name: EditionName) -> Rendered | None:
        """Return the rendering that was frozen when the edition was sent, or None."""
        query = select(renderings.c.body).where(
            renderings.c.newsletter == name.newsletter, renderings.c.date == name.date
        )
        with reading(self._engine) as connection:
            body = connection.scalar(query)
            return rendered_from_dict(body) if body is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """What a sent edition told: by story its blurb and text, and when it was drafted."""

    at: datetime | None
    stories: Mapping[str, Mapping[str, str]]

    def of(self, story_id: str) -> dict[str, Any]:
        """Return what `Printed` says of a story beside its headline."""
        told = self.stories.get(story_id, {})
        return {"at": self.at, "blurb": told.get("blurb", ""), "text": told.get("text", "")}


def _told_by(connection: Connection, edition: Edition) -> dict[str, Any]:
    """Return the record of what an edition told, texts as they are now: outlets change them later."""
    blurbs = {other.story_id: "" for item in edition.items for other in item.also_in}
    blurbs |= {item.story_id: item.text for item in edition.items}
    texts = _texts(connection, blurbs)
    told = {key: {"blurb": blurb, "text": texts.get(key, "")} for key, blurb in blurbs.items()}
    return {"drafted_at": edition.made_at.isoformat(), "stories": told}


def _what_ran(connection: Connection, newsletter: str, day: date) -> _Ran:
    """Return what an edition told; of one sent before that was recorded, the texts as they are now."""
    edition = connection.execute(
        select(renderings.c.made_at, renderings.c.body[RAN].label("ran")).where(
            renderings.c.newsletter == newsletter, renderings.c.date == day
        )
    ).one_or_none()
    if edition is not None and edition.ran:
        at = datetime.fromisoformat(edition.ran["drafted_at"])
        return _Ran(at=at, stories=edition.ran["stories"])
    ran = select(printed.c.story_id).where(printed.c.newsletter == newsletter, printed.c.date == day)
    texts = _texts(connection, connection.scalars(ran).all())
    return _Ran(
        at=edition.made_at if edition is not None else None,
        stories={key: {"text": text} for key, text in texts.items()},
    )


def _texts(connection: Connection, story_ids: Iterable[str]) -> dict[str, str]:
    """Return the beginnings of stories' texts; of several readings, that of the source which held it last."""
    query = select(stories.c.id, stories.c.body["text"].as_string().label("text"))
    rows = connection.execute(query.where(stories.c.id.in_(list(story_ids))).order_by(*LAST_HELD_FIRST))
    texts: dict[str, str] = {}
    for row in rows:
        texts.setdefault(row.id, (row.text or "")[:TEXT_KEPT])
    return texts


def freeze(connection: Connection, edition: Edition, rendered: Rendered, *, now: datetime) -> None:
    """Keep a sent edition, its rendering and what it printed, in the transaction that fills the outbox."""
    key = {"newsletter": edition.name.newsletter, "date": edition.name.date}
    _save(connection, edition, what="sent", now=now)
    body = rendered_to_dict(rendered) | {RAN: _told_by(connection, edition)}
    connection.execute(insert(renderings).values(**key, made_at=now, body=body))
    titles = {item.story_id: item.headline for item in edition.chosen}
    rows: dict[str, dict[str, object]] = {}
    for item in edition.items:
        title = titles.get(item.story_id, item.headline)
        rows[item.story_id] = {"story_id": item.story_id, "title": title, "url": item.url}
        for other in item.also_in:
            rows.setdefault(
                other.story_id, {"story_id": other.story_id, "title": other.title, "url": other.url}
            )
    _replace_printed(connection, key, list(rows.values()))


def _replace_printed(
    connection: Connection, key: dict[str, object], rows: Sequence[dict[str, object]]
) -> None:
    for row in rows:
        connection.execute(
            delete(printed).where(
                printed.c.newsletter == key["newsletter"], printed.c.story_id == row["story_id"]
            )
        )
    if rows:
        connection.execute(insert(printed), [key | row for row in rows])


def _save(connection: Connection, edition: Edition, *, what: str, now: datetime, who: str = "") -> None:
    key = {"newsletter": edition.name.newsletter, "date": edition.name.date}
    head = {"state": str(edition.state), "revision": edition.revision}
    connection.execute(
        insert(revisions).values(
            **key, revision=edition.revision, saved_at=now, what=what, who=who, body=edition_to_dict(edition)
        )
    )
    changed = connection.execute(
        update(editions)
        .where(editions.c.newsletter == edition.name.newsletter, editions.c.date == edition.name.date)
        .values(**head)
    )
    if not changed.rowcount:
        connection.execute(insert(editions).values(**key, **head, made_at=edition.made_at))

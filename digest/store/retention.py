"""Remove what is kept no longer: stories, renderings, pictures and records, never what something still needs.

Consents and suppressions are never removed, nor what a newsletter has printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Table,
    and_,
    delete,
    func,
    select,
    update,
)

from digest.model import DeliveryState, Edition, EditionState, RunState, StoryId
from digest.records import edition_from_dict, story_from_dict, story_to_dict
from digest.store.database import reading
from digest.store.signing_up import clean_up
from digest.store.tables import (
    bounces,
    confirmations,
    deliveries,
    editions,
    halts,
    letters,
    pictures,
    printed,
    renderings,
    revisions,
    runs,
    sources,
    stories,
    told,
)

ROWS_AT_ONCE = 500
CONFIRMED_WITHIN = timedelta(days=30)
_PICTURE = re.compile(r"[0-9a-f]{24}\.[a-z]{2,5}")
_SETTLED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED)
"""The states after which nothing becomes of a delivery; one in doubt may still be sent, or found out about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Before which moment each kind is removed; None: it is kept for ever.

    Of each newsletter's latest `compared` editions all that choosing compares with stays.
    """

    stories: datetime | None = None
    pictures: datetime | None = None
    renderings: datetime | None = None
    records: datetime | None = None
    compared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What the configuration still asks for.

    `sources` are the names of those there are; `is_followed` says whether one still names an address. `has_box` says
    that bounces are read somewhere.
    """

    sources: Collection[str]
    is_followed: Callable[[str, str], bool]
    has_box: bool


def open_editions(engine: Engine) -> list[Edition]:
    """Return the editions that were not sent yet, each in its newest revision."""
    query = (
        select(revisions.c.body)
        .join(editions, _same_edition(editions, revisions))
        .where(
            revisions.c.revision == editions.c.revision,
            editions.c.state != str(EditionState.SENT),
        )
    )
    with reading(engine) as connection:
        return [edition_from_dict(body) for body in connection.scalars(query)]


def shown_editions(engine: Engine) -> Iterable[Edition]:
    """Yield the sent editions whose pages the archive still shows."""
    query = (
        select(revisions.c.body)
        .join(editions, _same_edition(editions, revisions))
        .join(renderings, _same_edition(renderings, editions))
        .where(revisions.c.revision == editions.c.revision)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    with reading(engine) as connection:
        for body in connection.scalars(query):
            yield edition_from_dict(body)


def remove_stories(
    connection: Connection, before: datetime, *, compared: int, unsent: Iterable[Edition]
) -> dict[str, int]:
    """Remove old stories, or their texts alone where a source that still shows one would bring it back as new.

    That is so of one without a date, and of one that a person named: their age counts from when they were read.
    """
    needed = {item.story_id for edition in unsent for item in edition.items}
    needed |= {other.story_id for edition in unsent for item in edition.items for other in item.also_in}
    for newsletter in connection.scalars(select(printed.c.newsletter).distinct()):
        ran = printed.c.newsletter == newsletter
        since = printed.c.date.in_(_latest_dates(connection, newsletter, compared))
        needed |= {StoryId(one) for one in connection.scalars(select(printed.c.story_id).where(ran, since))}
    is_dated = and_(stories.c.published_at < before, stories.c.is_hand_picked == 0)
    query = select(stories.c.id, stories.c.source, is_dated.label("is_dated"))
    old = [row for row in connection.execute(query.where(stories.c.seen_at < before)) if row.id not in needed]
    gone = [row for row in old if row.is_dated]
    for row in gone:
        connection.execute(delete(stories).where(*_is_reading(row)))
    emptied = sum(_empty(connection, row) for row in old if not row.is_dated)
    return {"stories": len(gone), "texts of stories": emptied}


def remove_renderings(connection: Connection, before: datetime, *, compared: int) -> dict[str, int]:
    """Remove old frozen pages, not those whose deliveries are not settled or that choosing compares with."""
    query = select(renderings.c.newsletter, renderings.c.date).where(
        renderings.c.made_at < before, ~_is_unsettled(renderings)
    )
    found = connection.execute(query).all()
    kept = {one: _latest_dates(connection, one, compared) for one in {row.newsletter for row in found}}
    gone = [row for row in found if row.date not in kept[row.newsletter]]
    for row in gone:
        its = and_(renderings.c.newsletter == row.newsletter, renderings.c.date == row.date)
        connection.execute(delete(renderings).where(its))
    return {"renderings": len(gone)}


def remove_pictures(connection: Connection, before: datetime, *, keys: Collection[str]) -> dict[str, int]:
    """Remove old pictures, not those under `keys` nor those that a kept rendering shows."""
    query = select(pictures.c.key, pictures.c.name).where(pictures.c.made_at < before)
    old = [row for row in connection.execute(query) if row.key not in keys]
    shown: set[str] = set()
    if any(row.name for row in old):
        html = select(renderings.c.body["html"].as_string()).execution_options(yield_per=ROWS_AT_ONCE)
        for page in connection.scalars(html):
            shown.update(_PICTURE.findall(page or ""))
    gone = [row.key for row in old if row.name not in shown]
    return {"pictures": _delete(connection, pictures, pictures.c.key, gone)}


def remove_records(connection: Connection, before: datetime, *, now: datetime) -> dict[str, int]:
    """Remove old records of what was done: deliveries that are settled, revisions, runs and what was told."""
    day = before.date()
    counts = {
        "deliveries": _count(
            connection,
            delete(deliveries).where(deliveries.c.date < day, ~_is_unsettled(deliveries)),
        ),
        "revisions": _count(connection, delete(revisions).where(_is_outdated_revision(before))),
        "runs": _count(connection, delete(runs).where(runs.c.date < day, _is_old_run())),
        "bounces": _count(connection, delete(bounces).where(bounces.c.told_at < before)),
        "messages to the editor": _count(connection, delete(told).where(told.c.told_at < before)),
        "halts": _count(connection, delete(halts).where(halts.c.date < day, ~_is_unsettled(halts))),
    }
    settled = min(before, now - CONFIRMED_WITHIN)
    done = and_(confirmations.c.next_at.is_(None), confirmations.c.sent_at < settled)
    return counts | {"confirmations": _count(connection, delete(confirmations).where(done))}


def remove_leftovers(
    connection: Connection, needed: Needed, *, before: datetime | None, now: datetime
) -> dict[str, int]:
    """Remove what nothing asks for: fetches of addresses no longer followed, letters of a box that is read no more.

    A page that a feed named is known for as long as records are kept. Who did not confirm a sign-up goes too.
    """
    left = clean_up(connection, now)
    query = select(sources.c.name, sources.c.address, sources.c.fetched_at)
    gone = [row for row in connection.execute(query) if _is_unfollowed(row, needed, before)]
    for row in gone:
        its = and_(sources.c.name == row.name, sources.c.address == row.address)
        connection.execute(delete(sources).where(its))
    boxed = 0 if needed.has_box else _count(connection, delete(letters))
    return {"addresses no longer followed": len(gone), "letters known": boxed, "sign-ups unconfirmed": left}


def remove_all(
    engine: Engine,
    limits: Limits,
    needed: Needed,
    *,
    unsent: Sequence[Edition],
    keys: Callable[[], Collection[str]],
    now: datetime,
    dry_run: bool = False,
) -> dict[str, int]:
    """Remove what is kept no longer; return how many of each kind. A dry run counts, and takes all back.

    Each kind is a transaction of its own, so that a sender waits for none of them long.
    """
    compared = limits.compared
    steps: list[Callable[[Connection], dict[str, int]]] = []
    if limits.stories is not None:
        steps.append(partial(remove_stories, before=limits.stories, compared=compared, unsent=unsent))
    if limits.renderings is not None:
        steps.append(partial(remove_renderings, before=limits.renderings, compared=compared))
    if limits.pictures is not None:
        steps.append(partial(remove_pictures, before=limits.pictures, keys=keys()))
    if limits.records is not None:
        steps.append(partial(remove_records, before=limits.records, now=now))
    steps.append(partial(remove_leftovers, needed=needed, before=limits.records, now=now))
    counts: dict[str, int] = {}
    for step in steps:
        with engine.connect() as connection, connection.begin() as transaction:
            counts |= step(connection)
            if dry_run:
                transaction.rollback()
    return counts


def _same_edition(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(one.c.newsletter == other.c.newsletter, one.c.date == other.c.date)


def _latest_dates(connection: Connection, newsletter: str, count: int) -> list[date]:
    query = select(printed.c.date).where(printed.c.newsletter == newsletter).distinct()
    return list(connection.scalars(query.order_by(printed.c.date.desc()).limit(count)))


def _is_unsettled(table: Table) -> ColumnElement[bool]:
    """Return the condition that an edition has a delivery of which something may still become."""
    open_ones = deliveries.alias("open_ones")
    return (
        select(open_ones.c.subscriber_id)
        .where(
            _same_edition(open_ones, table),
            open_ones.c.state.not_in([str(state) for state in _SETTLED]),
        )
        .correlate(table)
        .exists()
    )


def _is_outdated_revision(before: datetime) -> ColumnElement[bool]:
    """Return the condition that a revision is of a sent edition, old, and not the one that was sent."""
    newest = (
        select(editions.c.revision)
        .where(_same_edition(editions, revisions), editions.c.state == str(EditionState.SENT))
        .correlate(revisions)
        .scalar_subquery()
    )
    return and_(revisions.c.saved_at < before, revisions.c.revision < newest)


def _is_old_run() -> ColumnElement[bool]:
    """Return the condition that a run is over and not its newsletter's latest: without any, none was ever missed."""
    later = runs.alias("later")
    newest = (
        select(func.max(later.c.date))
        .where(later.c.newsletter == runs.c.newsletter)
        .correlate(runs)
        .scalar_subquery()
    )
    return and_(runs.c.state != str(RunState.RUNNING), runs.c.date < newest)


def _is_unfollowed(row: Any, needed: Needed, before: datetime | None) -> bool:
    if row.name not in needed.sources:
        return True
    is_old = before is not None and (row.fetched_at is None or row.fetched_at < before)
    return is_old and not needed.is_followed(row.name, row.address)


def _is_reading(row: Any) -> tuple[ColumnElement[bool], ...]:
    return stories.c.id == row.id, stories.c.source == row.source


def _empty(connection: Connection, row: Any) -> bool:
    """Take the text and pictures out of a story; False where they are out already."""
    story = story_from_dict(connection.scalars(select(stories.c.body).where(*_is_reading(row))).one())
    bare = replace(
        story, text="", blurb_end=None, description=None, lead_image=None, images=(), related=(), tags=()
    )
    if story == bare:
        return False
    connection.execute(update(stories).where(*_is_reading(row)).values(body=story_to_dict(bare)))
    return True


def _delete(connection: Connection, table: Table, column: Any, keys: Sequence[str]) -> int:
    for start in range(0, len(keys), ROWS_AT_ONCE):
        connection.execute(delete(table).where(column.in_(keys[start : start + ROWS_AT_ONCE])))
    return len(keys)


def _count(connection: Connection, statement: Any) -> int:
    return int(connection.execute(statement).rowcount)

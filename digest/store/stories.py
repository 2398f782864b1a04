"""Keep the stories that were read, and what is known of each source's last fetch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from digest.model import Story, StoryId
from digest.records import story_from_dict, story_to_dict
from digest.store.bulk import insert_missing, upsert
from digest.store.database import reading
from digest.store.last_fetch import LastFetch
from digest.store.tables import sources, stories

LAST_HELD_FIRST = (stories.c.seen_at.desc(), stories.c.source)
"""How the readings of one story are ordered where one of them has to speak for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStory:
    """A story as one source held it: when it was first read there, and whether a person named it."""

    story: Story
    source: str
    seen_at: datetime
    is_hand_picked: bool


class Stories:
    """The stories and fetch records of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, found: Iterable[Story], *, source: str, now: datetime, is_hand_picked: bool) -> int:
        """Keep stories as this source's, the newest reading of each; return how many no source held before.

        `seen_at` stays that of the first reading there.
        """
        read = {story.id: story for story in found}
        with self._engine.begin() as connection:
            return sum(
                _save_one(connection, read[story_id], source, now, is_hand_picked)
                for story_id in sorted(read)
            )

    def of_sources(self, names: Sequence[str], *, since: datetime) -> list[KeptStory]:
        """Return the stories of these sources that were first read since then, oldest first.

        One that several of them held comes once for each.
        """
        query = (
            select(stories)
            .where(stories.c.source.in_(names), stories.c.seen_at >= since)
            .order_by(stories.c.seen_at, stories.c.id, stories.c.source)
        )
        with reading(self._engine) as connection:
            return [
                KeptStory(
                    story=story_from_dict(row.body),
                    source=row.source,
                    seen_at=row.seen_at,
                    is_hand_picked=bool(row.is_hand_picked),
                )
                for row in connection.execute(query)
            ]

    def find(self, story_id: StoryId) -> Story | None:
        """Return a story, or None; of several sources' readings, that of the source which held it last."""
        query = select(stories.c.body).where(stories.c.id == story_id)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(*LAST_HELD_FIRST).limit(1)).one_or_none()
            return story_from_dict(row.body) if row else None

    def find_all(self, story_ids: Iterable[StoryId]) -> dict[StoryId, Story]:
        """Return those of some stories that are kept, each as `find` gives it."""
        query = select(stories.c.id, stories.c.body).where(stories.c.id.in_(list(story_ids)))
        found: dict[StoryId, Any] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query.order_by(*LAST_HELD_FIRST)):
                found.setdefault(StoryId(row.id), row.body)
        return {story_id: story_from_dict(body) for story_id, body in found.items()}

    def knows(self, url: str, *, source: str | None = None) -> bool:
        """Say whether the story at an address is kept already, from that source where one is given.

        A page may name another address as its own than the one it was read at: that it was read is recorded.
        """
        kept = select(stories.c.id).where(stories.c.url == url).limit(1)
        read = select(sources.c.name).where(
            sources.c.address == url, sources.c.failures == 0, sources.c.fetched_at.is_not(None)
        )
        if source is not None:
            kept, read = kept.where(stories.c.source == source), read.where(sources.c.name == source)
        with reading(self._engine) as connection:
            return any(connection.execute(query.limit(1)).first() is not None for query in (kept, read))

    def last_fetch(self, source: str, address: str) -> LastFetch:
        """Return what is known of an address; an empty record where it was never fetched."""
        query = select(sources).where(sources.c.name == source, sources.c.address == address)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return _last_fetch(row) if row else LastFetch()

    def last_fetches(self, source: str) -> dict[str, LastFetch]:
        """Return what is known of all addresses of a source that were ever fetched."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(sources).where(sources.c.name == source))
            return {row.address: _last_fetch(row) for row in rows}

    def record_fetch(self, source: str, address: str, fetch: LastFetch) -> None:
        """Keep what a fetch left."""
        self.record_fetches(source, {address: fetch})

    def record_fetches(self, source: str, fetches: Mapping[str, LastFetch]) -> None:
        """Keep what fetches of several addresses left, all or none of it."""
        with self._engine.begin() as connection:
            for address, fetch in sorted(fetches.items()):
                upsert(connection, sources, {"name": source, "address": address} | asdict(fetch))


def _last_fetch(row: Row[Any]) -> LastFetch:
    return LastFetch(
        etag=row.etag,
        last_modified=row.last_modified,
        fetched_at=row.fetched_at,
        failures=row.failures,
        last_error=row.last_error,
        retry_at=row.retry_at,
    )


def _save_one(connection: Connection, story: Story, source: str, now: datetime, is_hand_picked: bool) -> bool:
    values = {
        "url": story.url,
        "title": story.title,
        "site": story.site,
        "published_at": story.published_at,
        "body": story_to_dict(story),
    }
    key = {"id": story.id, "source": source}
    row = key | values | {"seen_at": now, "is_hand_picked": int(is_hand_picked)}
    if insert_missing(connection, stories, row):
        elsewhere = select(stories.c.id).where(stories.c.id == story.id, stories.c.source != source)
        return connection.execute(elsewhere.limit(1)).first() is None
    connection.execute(
        update(stories).where(stories.c.id == story.id, stories.c.source == source).values(**values)
    )
    return False

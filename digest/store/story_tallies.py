"""Count what sources gave: stories, pictures, captions, by day; and list the newest of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, and_, case, func, select

from digest.model import Story
from digest.records import story_from_dict
from digest.store.database import reading
from digest.store.tables import stories

_column = stories.c
HAS_PICTURE = func.coalesce(_column.body[("lead_image", "url")].as_string(), "") != ""
HAS_CAPTION = func.coalesce(_column.body[("lead_image", "caption")].as_string(), "") != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTally:
    """What one source gave in a span of time: stories, with a picture, with its caption, and by part of the span."""

    stories: int = 0
    pictures: int = 0
    captions: int = 0
    by_part: tuple[int, ...] = ()


class StoryTallies:
    """The counts of one store's stories."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def by_source(self, moments: Sequence[datetime]) -> dict[str, SourceTally]:
        """Count what each source gave since the first of these moments, in the parts between them."""
        parts = list(pairwise(moments))
        columns: list[Any] = [
            _column.source,
            func.count().label("stories"),
            func.sum(case((HAS_PICTURE, 1), else_=0)).label("pictures"),
            func.sum(case((and_(HAS_PICTURE, HAS_CAPTION), 1), else_=0)).label("captions"),
        ]
        for place, (start, end) in enumerate(parts):
            inside = and_(_column.seen_at >= start, _column.seen_at < end)
            columns.append(func.sum(case((inside, 1), else_=0)).label(f"part_{place}"))
        query = select(*columns).where(_column.seen_at >= moments[0]).group_by(_column.source)
        with reading(self._engine) as connection:
            return {
                row.source: SourceTally(
                    stories=row.stories,
                    pictures=row.pictures,
                    captions=row.captions,
                    by_part=tuple(row._mapping[f"part_{place}"] for place in range(len(parts))),
                )
                for row in connection.execute(query)
            }

    def totals(self) -> dict[str, tuple[int, datetime]]:
        """Return of each source how many of its stories are kept, and when the last was read."""
        newest = func.max(_column.seen_at, type_=_column.seen_at.type).label("newest")
        query = select(_column.source, func.count().label("number"), newest).group_by(_column.source)
        with reading(self._engine) as connection:
            return {row.source: (row.number, row.newest) for row in connection.execute(query)}

    def newest(self, source: str, *, limit: int) -> list[Story]:
        """Return the stories of a source that were read last, newest first."""
        query = (
            select(_column.body)
            .where(_column.source == source)
            .order_by(_column.seen_at.desc(), _column.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [story_from_dict(body) for body in connection.scalars(query)]

"""Ask when sources last gave something new, and whether their pictures still have captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, case, func, select

from digest.store.database import reading
from digest.store.story_tallies import HAS_CAPTION, HAS_PICTURE
from digest.store.tables import runs, stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """How many pictures and captions a source gave of late, and in the time before."""

    pictures_lately: int
    captions_lately: int
    pictures_before: int
    captions_before: int


class Freshness:
    """What one store knows of when its stories came."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last_new(self, sources: Sequence[str]) -> dict[str, datetime | None]:
        """Return when each source last gave a story that was not known; None where it gave none."""
        query = (
            select(stories.c.source, func.max(stories.c.seen_at).label("seen_at"))
            .where(stories.c.source.in_(sources))
            .group_by(stories.c.source)
        )
        with reading(self._engine) as connection:
            known = {row.source: row.seen_at for row in connection.execute(query)}
        return {source: known.get(source) for source in sources}

    def first_run(self, newsletter: str) -> datetime | None:
        """Return when a newsletter's oldest known run began."""
        query = select(func.min(runs.c.started_at)).where(runs.c.newsletter == newsletter)
        with reading(self._engine) as connection:
            began_at: datetime | None = connection.execute(query).scalar()
        return began_at

    def captions(self, sources: Sequence[str], *, lately: datetime, before: datetime) -> dict[str, Captions]:
        """Count pictures and captions of each source since `lately`, and from `before` until then."""
        is_late = stories.c.seen_at >= lately
        with_caption = and_(HAS_PICTURE, HAS_CAPTION)
        counted = {
            "pictures_lately": and_(is_late, HAS_PICTURE),
            "captions_lately": and_(is_late, with_caption),
            "pictures_before": and_(~is_late, HAS_PICTURE),
            "captions_before": and_(~is_late, with_caption),
        }
        columns = [func.sum(case((what, 1), else_=0)).label(name) for name, what in counted.items()]
        query = (
            select(stories.c.source, *columns)
            .where(stories.c.source.in_(sources), stories.c.seen_at >= before)
            .group_by(stories.c.source)
        )
        with reading(self._engine) as connection:
            return {
                row.source: Captions(**{name: row._mapping[name] for name in counted})
                for row in connection.execute(query)
            }

"""List the editions that were sent, newest first, without reading them whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, and_, select

from digest.model import EditionName, EditionState
from digest.store.database import reading
from digest.store.tables import editions, renderings, revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEdition:
    """A line of the archive."""

    name: EditionName
    subject: str
    preheader: str
    sent_at: datetime


def sent_editions(
    engine: Engine, newsletter: str, *, limit: int, before: date | None = None
) -> list[SentEdition]:
    """Return a newsletter's sent editions, newest first, those dated before `before` where it is given."""
    body = revisions.c.body
    same = [
        and_(table.c.newsletter == editions.c.newsletter, table.c.date == editions.c.date)
        for table in (renderings, revisions)
    ]
    query = (
        select(
            editions.c.date,
            renderings.c.made_at,
            body["subject"].as_string().label("subject"),
            body["preheader"].as_string().label("preheader"),
        )
        .join(renderings, same[0])
        .join(revisions, and_(same[1], revisions.c.revision == editions.c.revision))
        .where(editions.c.newsletter == newsletter, editions.c.state == str(EditionState.SENT))
        .order_by(editions.c.date.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(editions.c.date < before)
    with reading(engine) as connection:
        return [
            SentEdition(
                name=EditionName(newsletter=newsletter, date=row.date),
                subject=row.subject or "",
                preheader=row.preheader or "",
                sent_at=row.made_at,
            )
            for row in connection.execute(query)
        ]

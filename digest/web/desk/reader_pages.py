"""Show how many read: by newsletter and state, who joined and went week by week. Nobody is named."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from digest import app
from digest.model import SubscriberState
from digest.store.tallies import Tallies
from digest.web.desk.room import Room
from digest.web.desk.wording import zone_of

WEEKS = 12
WORDS = {
    SubscriberState.ACTIVE: ("get it", "good"),
    SubscriberState.PENDING: ("asked, and have not confirmed", ""),
    SubscriberState.LEFT: ("left", ""),
    SubscriberState.BOUNCED: ("stopped: mail does not reach them", "warn"),
    SubscriberState.COMPLAINED: ("stopped: they called it spam", "bad"),
}


def reader_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/readers/")
    def readers() -> Response:
        tallies, now = Tallies(room.stores.engine), app.now()
        counted = tallies.readers()
        names = [*room.config.newsletters, *(name for name in counted if name not in room.config.newsletters)]
        letters: list[dict[str, Any]] = []
        for name in names:
            counts = counted.get(name, {})
            moments = weeks_until(now, zone_of(room.config, name))
            spans = tallies.spans(name, moments)
            settings = room.config.newsletters.get(name)
            letters.append(
                {
                    "name": name,
                    "title": settings.title if settings else "",
                    "counts": [(counts.get(state, 0), *WORDS[state]) for state in SubscriberState],
                    "configured": len(settings.readers) if settings else 0,
                    "total": sum(counts.values()),
                    "weeks": [
                        (f"{span.since.astimezone(zone_of(room.config, name)):%Y-%m-%d}", span)
                        for span in reversed(spans)
                    ],
                }
            )
        return room.page("readers.html", here="/readers/", letters=letters, weeks=WEEKS)

    return routes


def weeks_until(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return where the last weeks start by a zone's clock, on Mondays, oldest first, and the end of this one."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    days = [monday - timedelta(weeks=WEEKS - 1 - number) for number in range(WEEKS + 1)]
    return [datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) for day in days]

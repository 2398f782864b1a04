"""Put together the pages around an edition: editions, sources, readers, outbox, manual."""

from __future__ import annotations

from fastapi import APIRouter

from digest.web.desk.listing import listing_routes
from digest.web.desk.manual_page import manual_routes
from digest.web.desk.outbox_page import outbox_routes
from digest.web.desk.reader_pages import reader_routes
from digest.web.desk.room import Room
from digest.web.desk.source_pages import source_routes
from digest.web.desk.teaching_page import teaching_routes


def around_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes, jobs = APIRouter(), room.jobs
    for made in (
        listing_routes(room, jobs),
        source_routes(room, jobs),
        teaching_routes(room),
        reader_routes(room),
        outbox_routes(room),
        manual_routes(room),
    ):
        routes.include_router(made)
    return routes

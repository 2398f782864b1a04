"""Put together the pages around an edition: editions, sources, readers, outbox, manual."""

from __future__ import annotations

from fastapi import APIRouter

from digest.web.desk.manual_page import manual_routes
from digest.web.desk.outbox_page import outbox_routes
from digest.web.desk.reader_pages import reader_routes
from digest.web.desk.room import Room


def around_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    for made in (reader_routes, outbox_routes, manual_routes):
        routes.include_router(made(room))
    return routes

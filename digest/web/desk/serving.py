"""Serve the desk on this machine: its pages put together, its own files, its errors told."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from digest.config import Config
from digest.errors import DigestError, UsageError
from digest.model import EditionName
from digest.web.desk.around import around_routes
from digest.web.desk.editing import editing_routes
from digest.web.desk.room import PAGES, Room
from digest.web.desk.safety import guard
from digest.web.desk.seeing import seeing_routes
from digest.web.listening import address_of, open_port, serve

TYPES = {".css": "text/css", ".js": "text/javascript"}


def serve_desk(
    config: Config, name: EditionName, *, port: int, open_browser: bool, announce: Callable[[str], None]
) -> None:
    """Serve until interrupted; the address is announced once the port is open.

    Raises UsageError when the port is taken.
    """
    with open_port("127.0.0.1", port) as listener:
        announce(address_of(listener))
        if open_browser:
            webbrowser.open(address_of(listener))
        serve(make_desk(config, name), listener)


def make_desk(config: Config, first: EditionName) -> FastAPI:
    """Build the desk's pages; `/` leads to the edition `first`."""
    room = Room(config)
    desk = FastAPI(title="Daily Dose desk", docs_url=None, redoc_url=None, openapi_url=None)
    desk.middleware("http")(guard)
    for routes in (seeing_routes, editing_routes, around_routes):
        desk.include_router(routes(room))

    @desk.exception_handler(DigestError)
    async def tell(_request: Request, exc: Exception) -> Response:
        """Show an error as a page."""
        return room.page("problem.html", status=404 if isinstance(exc, UsageError) else 500, message=str(exc))

    @desk.get("/")
    def home() -> Response:
        return RedirectResponse(f"/editions/{first}/")

    @desk.get("/static/{name}")
    def static(name: str) -> Response:
        file = PAGES / name
        if file.parent != PAGES or file.suffix not in TYPES or not file.is_file():
            return PlainTextResponse("There is no such file.", status_code=404)
        return Response(file.read_bytes(), media_type=TYPES[file.suffix])

    @desk.get("/pictures/{name}")
    def picture(name: str) -> Response:
        found = room.stores.pictures.find_by_name(name)
        if found is None:
            return PlainTextResponse("There is no such picture.", status_code=404)
        headers = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "default-src 'none'"}
        return Response(found.content, media_type=found.content_type, headers=headers)

    return desk

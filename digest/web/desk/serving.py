"""Serve the desk on this machine: its pages put together, its own files, its errors told."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Callable, Collection

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from digest.config import Config
from digest.errors import DigestError, UsageError
from digest.model import EditionName
from digest.web.desk.acting import acting_routes
from digest.web.desk.around import around_routes
from digest.web.desk.editing import editing_routes
from digest.web.desk.knowing_routes import knowing_routes
from digest.web.desk.live import live_routes, watching
from digest.web.desk.room import PAGES, Room
from digest.web.desk.safety import LOOPBACK, Gate
from digest.web.desk.seeing import seeing_routes
from digest.web.desk.trying import trying_routes
from digest.web.listening import WILDCARD, address_of, open_port, serve

TYPES = {".css": "text/css", ".js": "text/javascript"}
GRACE_SECONDS = 1
"""How long the desk, told to end, waits for the pages that listen for changes."""


def serve_desk(
    config: Config,
    name: EditionName | None,
    *,
    host: str = LOOPBACK[0],
    port: int,
    open_browser: bool,
    announce: Callable[[str], None],
) -> None:
    """Serve until interrupted; the address is announced once the port is open and the desk is made.

    On another host than this machine's own, the address holds a token, without which nothing is answered. Raises
    UsageError when the port cannot be used.
    """
    with open_port(host, port) as listener:
        is_open = host not in LOOPBACK and host != "::1"
        token = secrets.token_urlsafe(24) if is_open else ""
        address = address_of(listener) + (f"?token={token}" if token else "")
        desk = make_desk(config, name, hosts=hosts_of(host), token=token)
        announce(address)
        if open_browser:
            webbrowser.open(address)
        serve(desk, listener, grace_seconds=GRACE_SECONDS)


def hosts_of(host: str) -> tuple[str, ...]:
    """Return the names, beside its own address, that a desk which listens on `host` is called by."""
    if host in (WILDCARD, "::"):
        return (*LOOPBACK, socket.gethostname())
    return LOOPBACK if ":" in host else (*LOOPBACK, host)


def make_desk(
    config: Config, first: EditionName | None, *, hosts: Collection[str] = LOOPBACK, token: str = ""
) -> ASGIApp:
    """Build the desk's pages; `/` leads to the edition `first`, else to the newest, else to the list."""
    room = Room(config)
    desk = FastAPI(
        title="Daily Dose desk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=watching(room)
    )
    for routes in (
        *(seeing_routes, editing_routes, acting_routes, trying_routes),
        *(live_routes, around_routes, knowing_routes),
    ):
        desk.include_router(routes(room))

    _tell_errors(desk, room)

    @desk.get("/")
    def home() -> Response:
        name = first or room.stores.editions.latest()
        return RedirectResponse(f"/editions/{name}/" if name else "/editions/")

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

    return Gate(desk, hosts=hosts, token=token)


def _tell_errors(desk: FastAPI, room: Room) -> None:
    """Show what goes wrong as pages."""

    @desk.exception_handler(DigestError)
    async def tell(_request: Request, exc: Exception) -> Response:
        """Show an error as a page."""
        return room.page("problem.html", status=404 if isinstance(exc, UsageError) else 500, message=str(exc))

    @desk.exception_handler(HTTPException)
    @desk.exception_handler(RequestValidationError)
    async def refuse(_request: Request, exc: Exception) -> Response:
        """Show a page for an address or a form that is none of ours."""
        status = exc.status_code if isinstance(exc, HTTPException) else 404
        message = "The desk has no such page. Choose one above."
        if status != 404:
            message = "The desk has no such form. Open the page again."
        return room.page("problem.html", status=status, message=message)

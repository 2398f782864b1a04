"""Keep pages as fresh as what they are made of: templates, theme, configuration, and the editions themselves.

A page listens on one address (server-sent events, WHATWG HTML 9.2) and fetches itself anew when it is told that
something changed; nothing else is sent.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from watchfiles import Change, awatch

from digest import app
from digest.assets import asset_folder
from digest.errors import ConfigError
from digest.web.desk.room import Room, trouble_of

LOOK_EVERY_SECONDS = 0.3
BREATHE_EVERY_SECONDS = 15.0
WATCHED = (".j2", ".mjml", ".css", ".toml", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".txt")

log = logging.getLogger(__name__)


def live_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/{newsletter}/{day}/live")
    async def live(request: Request, newsletter: str, day: str) -> StreamingResponse:
        name = await run_in_threadpool(room.name_of, newsletter, day)

        def state() -> str:
            revision = room.stores.editions.revision(name)
            return json.dumps({"revision": revision, "generation": room.generation})

        return StreamingResponse(_tell(request, state), media_type="text/event-stream")

    return routes


async def _tell(request: Request, state: Callable[[], str]) -> AsyncIterator[str]:
    """Yield the state at once, and again whenever it is another one; breathe, so that a page gone is noticed."""
    told, quiet = "", 0.0
    yield "retry: 1000\n\n"
    while not await request.is_disconnected():
        now = await run_in_threadpool(state)
        if now != told:
            told, quiet = now, 0.0
            yield f"data: {now}\n\n"
        elif quiet >= BREATHE_EVERY_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"
        quiet += LOOK_EVERY_SECONDS
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def watching(room: Room) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the application's life: while it lives, changed files are taken up."""

    @asynccontextmanager
    async def life(_desk: FastAPI) -> AsyncIterator[None]:
        ends = asyncio.Event()
        task = asyncio.create_task(_watch(room, ends))
        try:
            yield
        finally:
            ends.set()
            await task

    return life


async def _watch(room: Room, ends: asyncio.Event) -> None:
    """Follow the folders until the end; one that a project makes later, `templates/`, is followed from then on."""
    while not ends.is_set():
        folders = {room.config.sites.parent, asset_folder("templates"), room.config.project / "templates"}
        there = [folder for folder in folders if folder.is_dir()]
        again = asyncio.Event()
        tasks = [
            asyncio.create_task(_follow(room, there, again)),
            asyncio.create_task(_await_more(room.config.project, folders - set(there), again)),
        ]
        await asyncio.wait([*tasks, asyncio.create_task(ends.wait())], return_when=asyncio.FIRST_COMPLETED)
        again.set()
        await asyncio.gather(*tasks)
        if not ends.is_set():
            await run_in_threadpool(reload, room)


async def _follow(room: Room, folders: Collection[Path], ends: asyncio.Event) -> None:
    async for changes in awatch(*folders, watch_filter=_matters, stop_event=ends, debounce=50, step=20):
        log.debug("changed: %s", sorted(path for _, path in changes))
        await run_in_threadpool(reload, room)
    await ends.wait()


async def _await_more(project: Path, missing: Collection[Path], ends: asyncio.Event) -> None:
    """Return once a missing folder is there, or at the end."""
    async for _ in awatch(project, watch_filter=None, recursive=False, stop_event=ends, step=20):
        if any(folder.is_dir() for folder in missing):
            return
    await ends.wait()


def _matters(_change: Change, path: str) -> bool:
    file = Path(path)
    return file.suffix in WATCHED and "__pycache__" not in file.parts


def reload(room: Room) -> None:
    """Read the configuration again; one that cannot be used is told on every page, and the one before stays."""
    try:
        config = app.open_config(room.config.file)
        if config.store_url() != room.config.store_url():
            raise ConfigError(
                ["store.url: the store was changed. Start the desk again to work on the new one."]
            )
        room.refresh(config)
    except ConfigError as exc:
        room.refresh(trouble=trouble_of(exc))

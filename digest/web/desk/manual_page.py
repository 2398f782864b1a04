"""Show the manual at the desk: its contents, its pages, its pictures."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from digest.assets import help_folder
from digest.errors import UsageError
from digest.web.desk.manual_text import read_manual_page
from digest.web.desk.room import Room

FIRST = (
    "start",
    "daily",
    "editing",
    "sources",
    "blurbs",
    "email",
    "preflight",
    "rights",
    "sending",
    "serving",
)
"""The order in which a reader wants them; what is not named comes after, by name."""


def manual_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/manual/")
    def contents() -> Response:
        return room.page("manual.html", here="/manual/", topics=_titles(), topic="", page=None)

    @routes.get("/manual/{name}.png")
    def picture(name: str) -> Response:
        found = _files("*.png").get(name)
        if found is None:
            raise UsageError(f"The manual has no picture '{name}'.")
        return Response(found.read_bytes(), media_type="image/png", headers={"Cache-Control": "max-age=60"})

    @routes.get("/manual/{topic}")
    def page(topic: str) -> Response:
        files = _files("*.md")
        if topic not in files:
            raise UsageError(f"The manual has no page '{topic}'. It has: {', '.join(sorted(files))}.")
        shown = read_manual_page(files[topic].read_text(encoding="utf-8"), topics=files)
        return room.page("manual.html", here="/manual/", topics=_titles(), topic=topic, page=shown)

    return routes


def _files(pattern: str) -> dict[str, Path]:
    return {file.stem: file for file in help_folder().glob(pattern)}


def _titles() -> list[tuple[str, str]]:
    """Return each page's name and title, in the order of FIRST."""
    order = {name: place for place, name in enumerate(FIRST)}
    files = sorted(_files("*.md").items(), key=lambda one: (order.get(one[0], len(FIRST)), one[0]))
    return [
        (name, file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")) for name, file in files
    ]

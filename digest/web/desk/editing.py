"""Take the editor's changes: each a form posted, each a revision; then back to where the editor was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.background import BackgroundTask

from digest import app
from digest.edition import find_item
from digest.errors import ConfigError, EditionError, RenderError, StaleEditionError, UnknownEditionError
from digest.model import Edition, PictureUse, StoryId
from digest.pipeline.changing import (
    change,
    choose_picture,
    choose_sentences,
    go_back,
    hold_edition,
    looked_at,
    redo_change,
    undo_change,
)
from digest.pipeline.drafting import draft
from digest.pipeline.rendering import bring_picture, prepare_pictures
from digest.process import login_name
from digest.web.desk.asked import keep, number_in, read_edits
from digest.web.desk.edition_page import edition_page
from digest.web.desk.place import Place, place_of
from digest.web.desk.receipts import read_choice
from digest.web.desk.room import Room
from digest.web.desk.writing import picture_of
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]


def editing_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    readied: set[int] = set()

    @routes.get("/editions/{newsletter}/{day}/")
    def edition(request: Request, newsletter: str, day: str) -> Response:
        place = place_of(room.name_of(newsletter, day), request.url.query)
        shown = edition_page(room, place)
        page = room.page("edition.html", **shown)
        page.background = BackgroundTask(_ready_pictures, room, shown["edition"], readied)
        return page

    @routes.post("/editions/{newsletter}/{day}/edit")
    def edit(newsletter: str, day: str, form: Form) -> Response:
        place = place_of(room.name_of(newsletter, day), form.one("back"))
        place = _after(room, place, form.one("do"), form.one("story"))
        return answer_change(room, place, form, lambda: _change(room, place, form), path=f"{place.path}edit")

    @routes.get("/editions/{newsletter}/{day}/stories/{story_id}/pictures/{number}")
    def picture(newsletter: str, day: str, story_id: str, number: int) -> Response:
        name = room.name_of(newsletter, day)
        image, use = picture_of(room, room.stores.editions.get(name), StoryId(story_id), number)
        if image is None or use is PictureUse.DROP:
            return PlainTextResponse("There is no such picture.", status_code=404)
        made = bring_picture(room.parts(newsletter), image, keep=use is PictureUse.SHOW)
        if isinstance(made, str):
            return PlainTextResponse(made, status_code=404)
        headers = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "default-src 'none'"}
        return Response(made.content, media_type=made.content_type, headers=headers)

    return routes


def answer_change(
    room: Room, place: Place, form: Fields, make: Callable[[], object], *, path: str = ""
) -> Response:
    """Make a change and lead back to where the editor was; one that is refused is told there, with what was typed.

    With the `path` that the form was sent to, it can be sent again from there. Where the script asks for it, the page
    comes at once, and its place beside it.
    """
    try:
        make()
    except StaleEditionError as exc:
        shown = edition_page(room, place, told=str(exc), kept=keep(form, _seen(room, place, form), path=path))
        return room.page("edition.html", status=409, **shown)
    except (EditionError, UnknownEditionError, RenderError, ConfigError) as exc:
        shown = edition_page(room, place, told=str(exc), kept=keep(form, _seen(room, place, form)))
        return room.page("edition.html", status=422, **shown)
    if path and form.one("at-once"):
        page = room.page("edition.html", **edition_page(room, place))
        page.headers["Content-Location"] = place.address
        return page
    return RedirectResponse(place.address, status_code=303)


def base_of(form: Fields) -> int | None:
    """Return the revision that a form was filled in on."""
    return number_in(form.one("revision"))


def _seen(room: Room, place: Place, form: Fields) -> Edition | None:
    """Return the edition as it was when a form was filled in; None where that is not known."""
    base = base_of(form)
    try:
        return room.stores.editions.at_revision(place.name, base) if base is not None else None
    except UnknownEditionError:
        return None


def _after(room: Room, place: Place, what: str, story: str) -> Place:
    """Return where an edit leads: a story that is moved stays chosen, and the one after it where it is dropped."""
    if place.get("story", story) != story or what not in ("up", "down", "move", "drop"):
        return place
    if what == "drop":
        keys = [item.story_id for item in room.stores.editions.get(place.name).items]
        at = keys.index(StoryId(story)) if story in keys else len(keys)
        story = next((one for one in (*keys[at + 1 :], *reversed(keys[:at]))), "")
    return replace(place, chosen={**place.chosen, "story": story})


class _Told(TypedDict):
    who: str
    base: int | None


def _change(room: Room, place: Place, form: Fields) -> None:
    stores, name = room.stores, place.name
    editions, story = stores.editions, StoryId(form.one("story"))
    told, now = _Told(who=login_name(), base=base_of(form)), app.now()
    match form.one("do"):
        case "undo":
            undo_change(editions, name, now=now, **told)
        case "redo":
            redo_change(editions, name, now=now, **told)
        case "hold":
            hold_edition(editions, name, now=now, **told)
        case "go-back":
            go_back(editions, name, number_in(form.one("to")) or 0, now=now, **told)
        case "draft":
            draft(room.parts(name.newsletter), day=name.date, who=told["who"])
        case "sentences":
            item = find_item(looked_at(editions, name, told["base"]), story)
            spans = form.values.get("sentence", [])
            chosen = read_choice(stores.stories.find(item.story_id), spans, mark=form.one("of"))
            choose_sentences(stores, name, story, chosen, now=now, **told)
        case "picture":
            choose_picture(stores, name, story, number_in(form.one("number")), now=now, **told)
        case what:
            edits = read_edits(looked_at(editions, name, told["base"]), what, form)
            change(editions, name, edits, now=now, **told)


def _ready_pictures(room: Room, edition: Edition, readied: set[int]) -> None:
    """Make the pictures ready in all sizes, once for the same ones, after the page was answered."""
    pictures = hash(frozenset((item.image.url, item.image.file) for item in edition.items if item.image))
    if pictures in readied:
        return
    readied.add(pictures)
    try:
        prepare_pictures(room.parts(edition.name.newsletter), edition)
    except ConfigError:
        readied.discard(pictures)

"""Take the editor's changes: each a form posted, each a revision; then back to where the editor was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.edition import find_item
from digest.errors import EditionError, StaleEditionError
from digest.model import Edit, Edition, EditKind, Item, StoryId
from digest.pipeline.changing import change, redo_change, undo_change
from digest.web.desk.edition_page import edition_page
from digest.web.desk.place import Place, place_of
from digest.web.desk.room import Room, own_name
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]
LINES = {"subject": EditKind.SUBJECT, "preheader": EditKind.PREHEADER, "note": EditKind.NOTE}
PLAIN = {kind.value: kind for kind in (EditKind.PIN, EditKind.UNPIN, EditKind.DROP, EditKind.RESTORE)}
STEPS = {"up": -1, "down": 1}


def editing_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/{newsletter}/{day}/")
    def edition(request: Request, newsletter: str, day: str) -> Response:
        place = place_of(room.name_of(newsletter, day), request.url.query)
        return room.page("edition.html", **edition_page(room, place))

    @routes.post("/editions/{newsletter}/{day}/edit")
    def edit(newsletter: str, day: str, form: Form) -> Response:
        place = place_of(room.name_of(newsletter, day), form.one("back"))
        return answer_change(room, place, form, lambda: _change(room, place, form))

    return routes


def answer_change(room: Room, place: Place, form: Fields, make: Callable[[], object]) -> Response:
    """Make a change and lead back to where the editor was; one that is refused is told there, with what was typed."""
    try:
        make()
    except StaleEditionError as exc:
        return room.page(
            "edition.html", status=409, **edition_page(room, place, told=str(exc), kept=_typed(form))
        )
    except EditionError as exc:
        return room.page(
            "edition.html", status=422, **edition_page(room, place, told=str(exc), kept=_typed(form))
        )
    return RedirectResponse(place.address, status_code=303)


def base_of(form: Fields) -> int | None:
    """Return the revision that a form was filled in on."""
    text = form.one("revision")
    return int(text) if text.isascii() and text.isdigit() else None


def _typed(form: Fields) -> dict[str, str]:
    return {key: form.one(key) for key in form.values if key not in ("revision", "back")}


def _change(room: Room, place: Place, form: Fields) -> None:
    editions, base = room.stores.editions, base_of(form)
    what = form.one("do")
    if what in ("undo", "redo"):
        step = undo_change if what == "undo" else redo_change
        step(editions, place.name, now=app.now(), who=own_name(), base=base)
        return
    edits = read_edits(editions.get(place.name), what, form)
    change(editions, place.name, edits, now=app.now(), who=own_name(), base=base)


def read_edits(edition: Edition, what: str, form: Fields) -> list[Edit]:
    """Return the edits that a form asks for; raise EditionError for one that none of ours sends."""
    story = StoryId(form.one("story"))
    if what in PLAIN:
        return [Edit(kind=PLAIN[what], story_id=story)]
    if what in LINES:
        return [Edit(kind=LINES[what], text=form.one("text"))]
    if what in STEPS:
        return _moved(edition, find_item(edition, story), STEPS[what])
    if what == "move":
        position = form.one("position")
        place = int(position) if position.isascii() and position.isdigit() else None
        section = form.one("section") or None
        return [Edit(kind=EditKind.MOVE, story_id=story, section=section, position=place)]
    if what == "rewrite":
        return _rewritten(find_item(edition, story), form)
    raise EditionError(f"'{what}' is nothing that can be done to an edition. Open the page again.")


def _moved(edition: Edition, item: Item, step: int) -> list[Edit]:
    """Move a story one place; past the end of its section it goes into the next one."""
    groups = edition.sections
    at = next(number for number, (section, _) in enumerate(groups) if section == item.section)
    items = groups[at][1]
    position = items.index(item) + step
    if 0 <= position < len(items):
        return [Edit(kind=EditKind.MOVE, story_id=item.story_id, position=position)]
    if not 0 <= at + step < len(groups):
        return []
    section, others = groups[at + step]
    there = 0 if step > 0 else len(others)
    return [Edit(kind=EditKind.MOVE, story_id=item.story_id, section=section, position=there)]


def _rewritten(item: Item, form: Fields) -> list[Edit]:
    """Return an edit for each field that a form has and that says something else than the item."""
    image = item.image
    told = {
        "headline": item.headline,
        "text": item.text,
        "caption": (image.caption if image else None) or "",
        "credit": (image.credit if image else None) or "",
        "alt": (image.alt if image else None) or "",
    }
    return [
        Edit(kind=EditKind.REWRITE, story_id=item.story_id, field=name, text=form.one(name))
        for name, before in told.items()
        if name in form.values and form.one(name).replace("\r\n", "\n") != before
    ]

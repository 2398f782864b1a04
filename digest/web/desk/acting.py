"""Approve, hold and schedule an edition; where preflight finds errors, they are shown before it is approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from digest import app
from digest.errors import EditionError
from digest.model import Edition, Finding, Severity
from digest.pipeline.changing import approve_edition, hold_edition, schedule_edition
from digest.pipeline.checking import check_edition
from digest.pipeline.reader_hours import timing_of
from digest.pipeline.sending import count_readers
from digest.process import login_name
from digest.timetable import Timing, sending_moment
from digest.web.desk.editing import Form, answer_change, base_of
from digest.web.desk.edition_page import edition_page
from digest.web.desk.place import Place, place_of
from digest.web.desk.room import Room
from digest.web.forms import Fields


def acting_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/editions/{newsletter}/{day}/state")
    def state(newsletter: str, day: str, form: Form) -> Response:
        place = place_of(room.name_of(newsletter, day), form.one("back"))
        if form.one("do") == "approve" and not form.one("confirmed"):
            edition = room.stores.editions.get(place.name)
            is_as_seen = base_of(form) in (None, edition.revision)
            is_laid_out = room.show(edition).trouble is None
            asked = find_errors(room, edition) if is_as_seen and is_laid_out else ()
            if asked:
                return room.page("edition.html", **edition_page(room, place) | {"asked": asked})
        return answer_change(room, place, form, lambda: _act(room, place, form), path=f"{place.path}state")

    return routes


def find_errors(room: Room, edition: Edition) -> Sequence[Finding]:
    """Return what preflight finds wrong with an edition that would stop its send.

    Raises RenderError or ConfigError where it cannot be laid out.
    """
    parts = room.parts(edition.name.newsletter)
    found = check_edition(parts, edition, room.lay_out(edition), readers=count_readers(parts))
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _act(room: Room, place: Place, form: Fields) -> None:
    editions, now, who, base = room.stores.editions, app.now(), login_name(), base_of(form)
    match form.one("do"):
        case "approve":
            room.lay_out(editions.get(place.name))
            approve_edition(editions, place.name, now=now, who=who, base=base)
        case "hold":
            hold_edition(editions, place.name, now=now, who=who, base=base)
        case "schedule":
            zone = timing_of(room.config.newsletter(place.name.newsletter)).zone
            moment = read_moment(form.one("at"), zone)
            schedule_edition(editions, place.name, moment, now=now, who=who, base=base)
        case "withdraw":
            schedule_edition(editions, place.name, None, now=now, who=who, base=base)
        case other:
            raise EditionError(f"'{other}' is nothing that can be done to an edition. Open the page again.")


def read_moment(text: str, zone: str) -> datetime:
    """Return the moment that a local time means in a zone, a time in a gap or a repeated one as hours are.

    Raises EditionError where the text is no time.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or "T" not in text:
        raise EditionError(f"'{text}' is no date and time. Write one as 2026-11-25T06:30, local to {zone}.")
    try:
        moment = sending_moment(Timing(send_at=wall.time(), zone=zone), wall.date())
        return moment.astimezone(ZoneInfo(zone))
    except OverflowError as exc:
        raise EditionError(f"'{text}' is beyond what a calendar holds. Give a nearer day.") from exc

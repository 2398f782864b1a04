"""Show what preflight finds on an edition, and put in a story that was left out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digest.pipeline.changing import include_story
from digest.pipeline.checking import check_edition
from digest.pipeline.sending import count_readers
from digest.process import login_name
from digest.web.desk.editing import Form, answer_change, base_of
from digest.web.desk.findings import TOLD_BEFORE, count, group_findings, word_of
from digest.web.desk.place import RevisionNumber, place_of
from digest.web.desk.room import Room
from digest.web.desk.seeing import edition_at


def knowing_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/{newsletter}/{day}/findings")
    def findings(request: Request, newsletter: str, day: str, revision: RevisionNumber = None) -> Response:
        edition = edition_at(room, newsletter, day, revision)
        place = place_of(edition.name, request.url.query)
        parts, shown = room.parts(newsletter), room.show(edition)
        found = check_edition(parts, edition, shown.rendered, readers=count_readers(parts))
        return room.page(
            "findings.html",
            place=place,
            edition=edition,
            is_stale=shown.trouble is not None,
            groups=group_findings(found, edition, place),
            count=count(found),
            word_of=word_of,
            told_before=TOLD_BEFORE,
        )

    @routes.post("/editions/{newsletter}/{day}/include")
    def include(newsletter: str, day: str, form: Form) -> Response:
        place = place_of(room.name_of(newsletter, day), form.one("back"))
        parts, story = room.parts(newsletter), form.one("story")

        def put_in() -> None:
            include_story(parts, place.name, story, who=login_name(), base=base_of(form))

        answer = answer_change(room, place, form, put_in)
        return RedirectResponse(place.at(story=story), 303) if answer.status_code == 303 else answer

    return routes

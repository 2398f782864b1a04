"""Show an edition as its readers will see it: the email in a frame, its text, its headers, its source."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from digest import app
from digest.model import Edition
from digest.pipeline.rendering import html_for_viewing
from digest.pipeline.rights import linked_origins, report_pictures
from digest.pipeline.sending import sample_message
from digest.web.desk.room import Room
from digest.web.desk.safety import EMAIL_POLICY


def seeing_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/{newsletter}/{day}/email.html")
    def email(newsletter: str, day: str, revision: int | None = None) -> Response:
        edition = edition_at(room, newsletter, day, revision)
        letter = app.newsletter_of(room.config, newsletter)
        html = html_for_viewing(room.show(edition).rendered, letter, base="/pictures/")
        linked = linked_origins(report_pictures(edition, letter, room.config))
        policy = EMAIL_POLICY.format(outlets="".join(f" {origin}" for origin in linked))
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @routes.get("/editions/{newsletter}/{day}/message.eml")
    def message(newsletter: str, day: str) -> Response:
        edition = edition_at(room, newsletter, day, None)
        content = sample_message(room.parts(newsletter), room.show(edition).rendered)
        return Response(content, media_type="message/rfc822")

    return routes


def edition_at(room: Room, newsletter: str, day: str, revision: int | None) -> Edition:
    """Return an edition, or one of its revisions; raise UnknownEditionError where there is none."""
    name = room.name_of(newsletter, day)
    editions = room.stores.editions
    return editions.get(name) if revision is None else editions.at_revision(name, revision)

"""Show an edition as its readers will see it: the email for a frame, as a mail program shows it, and its message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from digest import app
from digest.deliver.message import filled_for_viewing
from digest.model import Edition
from digest.pipeline.rendering import html_for_viewing
from digest.pipeline.rights import linked_origins, report_pictures
from digest.pipeline.sending import sample_message
from digest.render.lookalike import LIGHT, LOOKS, Sight, as_seen
from digest.render.wording import language_direction
from digest.web.desk.place import RevisionNumber
from digest.web.desk.room import Room
from digest.web.desk.safety import EMAIL_POLICY

OFF, RTL = "off", "rtl"
RIGHT_TO_LEFT = "ar"
"""The language that an edition is laid out for to be seen from right to left."""
ALL_PICTURES, NO_PICTURES = "img-src 'self' data:{outlets}", "img-src 'none'"
LOOKED_AT = ("look", "pictures", "styles", "way")
"""What of a place says how its email is looked at; the frame's address carries these."""


def seeing_routes(room: Room) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/{newsletter}/{day}/email.html")
    def email(request: Request, newsletter: str, day: str, revision: RevisionNumber = None) -> Response:
        edition = edition_at(room, newsletter, day, revision)
        asked = request.query_params
        if asked.get("way") == RTL:
            edition = from_the_right(edition)
        sight = sight_of(asked)
        letter = app.newsletter_of(room.config, newsletter)
        rendered = room.show(edition).rendered
        html = html_for_viewing(rendered, letter, base="/pictures/")
        html = as_seen(filled_for_viewing(html, rendered, letter, is_html=True), sight)
        policy = email_policy(room, edition, has_pictures=sight.has_pictures)
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @routes.get("/editions/{newsletter}/{day}/message.eml")
    def message(newsletter: str, day: str) -> Response:
        edition = edition_at(room, newsletter, day, None)
        content = sample_message(room.parts(newsletter), room.lay_out(edition))
        return Response(content, media_type="message/rfc822")

    return routes


def edition_at(room: Room, newsletter: str, day: str, revision: int | None) -> Edition:
    """Return an edition, or one of its revisions; raise UnknownEditionError where there is none."""
    name = room.name_of(newsletter, day)
    editions = room.stores.editions
    return editions.get(name) if revision is None else editions.at_revision(name, revision)


def sight_of(chosen: Mapping[str, str]) -> Sight:
    """Read how an email is looked at; what is no look of ours is the light one."""
    look = chosen.get("look", LIGHT)
    return Sight(
        look=look if look in LOOKS else LIGHT,
        has_pictures=chosen.get("pictures") != OFF,
        has_styles=chosen.get("styles") != OFF,
    )


def from_the_right(edition: Edition) -> Edition:
    """Return an edition as in a language that is written from right to left; its texts stay as they are."""
    if language_direction(edition.language) == RTL:
        return edition
    items = tuple(
        replace(item, language=RIGHT_TO_LEFT) if language_direction(item.language) != RTL else item
        for item in edition.items
    )
    return replace(edition, language=RIGHT_TO_LEFT, items=items, state=type(edition.state).DRAFT)


def email_policy(room: Room, edition: Edition, *, has_pictures: bool) -> str:
    """Return the policy of an email's frame: with its pictures off nothing at all may be fetched."""
    if not has_pictures:
        return EMAIL_POLICY.replace(ALL_PICTURES, NO_PICTURES)
    letter = app.newsletter_of(room.config, edition.name.newsletter)
    linked = linked_origins(report_pictures(edition, letter, room.config))
    return EMAIL_POLICY.format(outlets="".join(f" {origin}" for origin in linked))

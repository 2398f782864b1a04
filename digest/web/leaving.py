"""The page behind an email's link to unsubscribe: a GET shows a button, only its POST unsubscribes.

Scanners and previews follow links, so a GET changes nothing (RFC 8058, section 1). The token in the address is
all the proof there is: no login, no cookie, and whatever the body holds, be it a form's or a mailbox's one-click.
No answer differs by whether the reader is still one.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from digest import app
from digest.model import SubscriberId
from digest.pipeline.publishing import find_reader, take_off
from digest.web.site import Site

UNSEEN = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store"}


def leaving_routes(site: Site) -> APIRouter:
    """Build the routes to unsubscribe."""
    router = APIRouter()

    @router.get("/u")
    @router.get("/u/")
    def explain() -> Response:
        return marked(site.message("own_link"))

    @router.get("/u/{token}")
    def ask(token: str) -> Response:
        reader = find_reader(site.signer, token, "u")
        return not_ours(site) if reader is None else marked(_question(site, reader))

    @router.post("/u/{token}")
    def leave(token: str) -> Response:
        reader = find_reader(site.signer, token, "u")
        if reader is None:
            return not_ours(site)
        take_off(site.stores.mailing, reader, now=app.now())
        return marked(site.message("left", **_about(site, reader)))

    return router


def not_ours(site: Site) -> Response:
    """Say that the link is no link of ours: who holds a cut one must not believe that they left."""
    return marked(site.message("bad_link", status=404))


def marked(response: Response) -> Response:
    """Keep an answer out of caches and indexes."""
    for name, value in UNSEEN.items():
        response.headers[name] = value
    return response


def _question(site: Site, reader: SubscriberId) -> Response:
    about = _about(site, reader)
    title = site.words(about["language"]).say("leave_title", title=about["title"])
    return site.page("leave.html", language=about["language"], title=title)


def _about(site: Site, reader: SubscriberId) -> dict[str, Any]:
    """Return the title and language of the reader's newsletter, the site's own where it is gone."""
    newsletter = site.find_newsletter(site.stores.mailing.newsletter_of(reader) or "")
    if newsletter is None:
        return {"title": site.config.site.name, "language": site.language}
    return {"title": newsletter.title, "language": newsletter.language}

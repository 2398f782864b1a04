"""The pages that make a reader: a form, and the page behind the mailed link, whose button confirms.

Whoever fills the form sees one answer, whatever the address is to us. What is mailed, to whom and how often is
decided in `digest.store.signing_up`; the mail goes out after the answer, so that its time tells nothing either.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.errors import AddressError
from digest.model import Newsletter
from digest.pipeline.signing_up import Asked, AskState, Form, ask, confirm, find_asked
from digest.web.forms import Fields, read_fields
from digest.web.leaving import marked
from digest.web.origin import block_of
from digest.web.posting import post_due
from digest.web.site import Site

TRAP = "topic"
"""The field that people do not see: who fills it is no person."""

Filled = Annotated[Fields, Depends(read_fields)]


def subscribing_routes(site: Site) -> APIRouter:
    """Build the routes to sign up and to confirm."""
    router = APIRouter()

    @router.get("/subscribe/{name}/")
    def tidy(name: str) -> Response:
        newsletter = _offered(site, name)
        return RedirectResponse(site.subscribe_path(newsletter), status_code=308)

    @router.get("/subscribe/{name}")
    def form(name: str) -> Response:
        return _form(site, _offered(site, name))

    @router.post("/subscribe/{name}")
    def sign_up(name: str, request: Request, fields: Filled, later: BackgroundTasks) -> Response:
        newsletter = _offered(site, name)
        response = _sign_up(site, newsletter, request, fields)
        if response.status_code == 200:
            later.add_task(post_due, site)
        return response

    @router.get("/c")
    @router.get("/c/")
    def explain() -> Response:
        return marked(site.message("own_link"))

    @router.get("/c/{token}")
    def show(token: str) -> Response:
        return _question(site, find_asked(site.stores, site.signer, token, now=app.now()))

    @router.post("/c/{token}")
    def agree(token: str, request: Request) -> Response:
        asked = find_asked(site.stores, site.signer, token, now=app.now())
        if asked is None:
            return marked(site.message("bad_link", status=404))
        state = confirm(site.stores, asked, came_from=site.client(request), now=app.now())
        return _told(site, asked, state)

    return router


def _offered(site: Site, name: str) -> Newsletter:
    newsletter = site.find_newsletter(name)
    if newsletter is None or not site.offers(name):
        raise HTTPException(404)
    return newsletter


def _form(site: Site, newsletter: Newsletter, *, fields: Fields | None = None, status: int = 200) -> Response:
    return marked(
        site.page(
            "subscribe.html",
            language=newsletter.language,
            status=status,
            newsletter=newsletter,
            wording=site.consent_wording(newsletter),
            trap=TRAP,
            address=fields.one("address") if fields else "",
            name=fields.one("name") if fields else "",
            is_wrong=fields is not None,
        )
    )


def _sign_up(site: Site, newsletter: Newsletter, request: Request, fields: Fields) -> Response:
    came_from = site.client(request)
    form = Form(
        address=fields.one("address"),
        name=fields.one("name"),
        wording=site.consent_wording(newsletter),
        came_from=came_from,
        block=block_of(came_from),
    )
    if not fields.one(TRAP):
        try:
            is_taken = ask(site.stores.mailing, newsletter, form, now=app.now())
        except AddressError:
            return _form(site, newsletter, fields=fields, status=422)
        if not is_taken:
            response = site.message("too_many", language=newsletter.language, status=429)
            response.headers["Retry-After"] = "3600"
            return marked(response)
    return marked(site.message("asked", language=newsletter.language, title=newsletter.title))


def _question(site: Site, asked: Asked | None) -> Response:
    if asked is None:
        return marked(site.message("bad_link", status=404))
    if asked.state is not AskState.OPEN:
        return _told(site, asked, asked.state)
    newsletter = site.find_newsletter(asked.newsletter)
    if newsletter is None:
        return marked(site.message("bad_link", status=404))
    return marked(
        site.page("confirm.html", language=newsletter.language, newsletter=newsletter, wording=asked.wording)
    )


def _told(site: Site, asked: Asked, state: AskState) -> Response:
    newsletter = site.find_newsletter(asked.newsletter)
    language = newsletter.language if newsletter else site.language
    if state is not AskState.DONE:
        return marked(site.message("spent", language=language, status=410))
    title = newsletter.title if newsletter else site.config.site.name
    return marked(site.message("confirmed", language=language, title=title))

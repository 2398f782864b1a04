"""The page behind an email's link to the preferences: what a reader gets, and how. Its token is all the proof.

It names no address, since emails are passed on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from digest import app
from digest.model import Subscriber, SubscriberState
from digest.pipeline.publishing import find_reader
from digest.pipeline.signing_up import Choices
from digest.web.forms import Fields, read_fields
from digest.web.leaving import marked, not_ours
from digest.web.site import Site

NO_PLACES = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
"""Zones that stand for no place, or for one that has another name."""

Filled = Annotated[Fields, Depends(read_fields)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A newsletter on the page."""

    name: str
    title: str
    wording: str
    is_wanted: bool


def preferences_routes(site: Site) -> APIRouter:
    """Build the routes to the preferences."""
    router = APIRouter()

    @router.get("/p")
    @router.get("/p/")
    def explain() -> Response:
        return marked(site.message("own_link"))

    @router.get("/p/{token}")
    def show(token: str) -> Response:
        return _page(site, _subscriptions(site, token))

    @router.post("/p/{token}")
    def save(token: str, request: Request, fields: Filled) -> Response:
        subscriptions = _subscriptions(site, token)
        if not subscriptions:
            return not_ours(site)
        if fields.one("act") not in ("save", "leave"):
            raise HTTPException(400)
        leaves = fields.one("act") == "leave"
        choices = _left_all(subscriptions) if leaves else _choices(site, subscriptions, fields)
        after = site.stores.mailing.choose(
            subscriptions[0].id, choices, came_from=site.client(request), now=app.now()
        )
        if leaves:
            return marked(site.left_all(_language(site, subscriptions[0])))
        return _page(site, after, is_saved=True)

    return router


@lru_cache(maxsize=1)
def places() -> tuple[str, ...]:
    """Return the time zones to choose from, by name."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    )


def _subscriptions(site: Site, token: str) -> list[Subscriber]:
    reader = find_reader(site.signer, token, "p")
    return site.stores.mailing.subscriptions_of(reader) if reader is not None else []


def _language(site: Site, reader: Subscriber) -> str:
    """Return the language of the reader's pages: the chosen one, else the newsletter's."""
    newsletter = site.find_newsletter(reader.newsletter)
    return reader.language or (newsletter.language if newsletter else site.language)


def _lines(site: Site, subscriptions: list[Subscriber]) -> list[Line]:
    """Return the newsletters to choose from: those that may be joined, and those the reader has."""
    states = {one.newsletter: one.state for one in subscriptions}
    lines = []
    for name in site.config.newsletters:
        newsletter = site.find_newsletter(name)
        is_wanted = states.get(name) is SubscriberState.ACTIVE
        if newsletter is not None and (is_wanted or site.offers(name)):
            wording = site.consent_wording(newsletter)
            lines.append(Line(name=name, title=newsletter.title, wording=wording, is_wanted=is_wanted))
    return lines


def _choices(site: Site, subscriptions: list[Subscriber], fields: Fields) -> Choices:
    """Return what the form says; a zone or language that is none counts as what it was before."""
    lines, ticked, before = _lines(site, subscriptions), fields.all("newsletter"), subscriptions[0]
    zone, language = fields.one("time_zone"), fields.one("language")
    return Choices(
        wanted={line.name: line.wording for line in lines if line.name in ticked},
        offered=frozenset(line.name for line in lines),
        time_zone=(zone or None) if zone in ("", *places()) else before.time_zone,
        language=(language or None) if language in ("", *site.languages) else before.language,
        plain_text=fields.one("plain_text") == "yes",
    )


def _left_all(subscriptions: list[Subscriber]) -> Choices:
    one = subscriptions[0]
    return Choices(
        wanted={},
        offered=frozenset(each.newsletter for each in subscriptions),
        time_zone=one.time_zone,
        language=one.language,
        plain_text=one.plain_text,
    )


def _page(site: Site, subscriptions: list[Subscriber], *, is_saved: bool = False) -> Response:
    if not subscriptions:
        return not_ours(site)
    reader = subscriptions[0]
    newsletter = site.find_newsletter(reader.newsletter)
    zones = places() if reader.time_zone in (None, *places()) else (reader.time_zone or "", *places())
    return marked(
        site.page(
            "preferences.html",
            language=_language(site, reader),
            title=newsletter.title if newsletter else site.config.site.name,
            reader=reader,
            lines=_lines(site, subscriptions),
            zones=zones,
            languages=site.languages,
            is_saved=is_saved,
        )
    )

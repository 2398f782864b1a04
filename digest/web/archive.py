"""The pictures of emails, the archive of sent editions with "view in browser", and its Atom feeds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from digest import app
from digest.model import EditionName, Newsletter, Picture
from digest.pipeline.publishing import archived_page, edition_path, permanent_id, sent_editions
from digest.web.site import Site

if TYPE_CHECKING:
    from digest.store.archive import SentEdition

A_PAGE = 25
IN_OVERVIEW = 10
IN_FEED = 20
PICTURES_KEPT = 128
"""How many pictures stay in memory, each at most about 300 KB: every opened email asks for all of its own."""
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FOR_A_WHILE = {"Cache-Control": "public, max-age=300"}
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, escaped or not (section 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One edition in a list or feed. `path` starts at the site's root."""

    path: str
    date: str
    day: str
    subject: str
    preheader: str
    sent_at: str
    id: str


def archive_routes(site: Site) -> APIRouter:
    """Build the routes of pictures, archive and feeds."""
    router = APIRouter()

    @lru_cache(maxsize=PICTURES_KEPT)
    def get_picture(name: str) -> Picture:
        found = site.stores.pictures.find_by_name(name)
        if found is None:  # raised, since what is returned is kept
            raise HTTPException(404)
        return found

    @router.get("/images/{name}")
    def image(name: str, request: Request) -> Response:
        picture = get_picture(name)
        return _answer(request, picture.content, kind=picture.content_type, keep=FOR_EVER)

    @router.get("/archive")
    @router.get("/archive/")
    def overview(request: Request) -> Response:
        return _answer(request, _overview(site))

    @router.get("/archive/{newsletter}")
    @router.get("/archive/{newsletter}/")
    def editions(newsletter: str, request: Request, before: str = "") -> Response:
        return _answer(request, _editions(site, _newsletter(site, newsletter), before))

    @router.get("/archive/{newsletter}/feed.xml")
    def feed(newsletter: str, request: Request) -> Response:
        xml = _feed(site, _newsletter(site, newsletter), site.address(request))
        return _answer(request, xml, kind="application/atom+xml; charset=utf-8")

    @router.get("/archive/{newsletter}/{day}")
    def edition(newsletter: str, day: str, request: Request) -> Response:
        name = EditionName(newsletter=newsletter, date=_day(day))
        html = archived_page(site.parts(_newsletter(site, newsletter)), name, base=site.base)
        if html is None:
            raise HTTPException(404)
        return _answer(request, html)

    return router


def _answer(
    request: Request,
    content: str | bytes,
    *,
    kind: str = "text/html; charset=utf-8",
    keep: Mapping[str, str] = FOR_A_WHILE,
) -> Response:
    """Answer with a content, or with nothing but that it is what the asker has (RFC 9110, section 13.1.2).

    The comparison is the weak one: a server before us that compresses marks our tags as weak.
    """
    body = content.encode("utf-8") if isinstance(content, str) else content
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**keep, "ETag": tag}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


def _overview(site: Site) -> str:
    blocks = []
    for name in site.config.newsletters:
        newsletter = app.newsletter_of(site.config, name)
        blocks.append((newsletter, _path(site, newsletter), _lines(site, newsletter, limit=IN_OVERVIEW)))
    return site.print("overview.html", blocks=blocks)


def _editions(site: Site, newsletter: Newsletter, before: str) -> str:
    lines = _lines(site, newsletter, limit=A_PAGE + 1, before=_day(before) if before else None)
    return site.print(
        "editions.html",
        language=newsletter.language,
        newsletter=newsletter,
        path=_path(site, newsletter),
        lines=lines[:A_PAGE],
        older=lines[A_PAGE - 1].date if len(lines) > A_PAGE else None,
        is_first=not before,
    )


def _feed(site: Site, newsletter: Newsletter, address: str) -> str:
    lines = _lines(site, newsletter, limit=IN_FEED)
    xml = site.print(
        "feed.xml",
        language=newsletter.language,
        newsletter=newsletter,
        root=address.removesuffix(site.base),
        address=address.removesuffix(site.base) + _path(site, newsletter),
        id=permanent_id(newsletter),
        updated=max(
            (line.sent_at for line in lines), default=f"{app.now().date().isoformat()}T00:00:00+00:00"
        ),
        lines=lines,
    )
    return NOT_XML.sub(" ", xml)


def _lines(site: Site, newsletter: Newsletter, *, limit: int, before: date | None = None) -> list[Line]:
    sent = sent_editions(site.stores, newsletter, limit=limit, before=before)
    return [_line(site, newsletter, one) for one in sent]


def _line(site: Site, newsletter: Newsletter, one: SentEdition) -> Line:
    return Line(
        path=edition_path(one.name, base=site.base),
        date=one.name.date.isoformat(),
        day=site.words(newsletter.language).day(one.name.date),
        subject=one.subject,
        preheader=one.preheader,
        sent_at=one.sent_at.isoformat(timespec="seconds"),
        id=permanent_id(newsletter, one.name),
    )


def _path(site: Site, newsletter: Newsletter) -> str:
    return f"{site.base}/archive/{quote(newsletter.name, safe='')}/"


def _newsletter(site: Site, name: str) -> Newsletter:
    newsletter = site.find_newsletter(name)
    if newsletter is None:
        raise HTTPException(404)
    return newsletter


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HTTPException(404) from None

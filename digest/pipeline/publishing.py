"""Show sent editions to the public, and do what readers' links ask: the use cases of the public pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from html import escape, unescape
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

from digest.deliver.links import Purpose, Signer
from digest.mailbox import domain_of
from digest.model import EditionName, Newsletter, SubscriberId
from digest.pipeline.parts import Parts, Stores
from digest.pipeline.rendering import bring_pictures
from digest.render.wording import Wording, find_wording
from digest.store import archive
from digest.store.archive import SentEdition
from digest.store.mailing import Mailing

LinkKind = Literal["u", "p"]
"""The first part of a link's path: `u` is the link to unsubscribe, `p` the one to the preferences."""

_PURPOSES = {"u": Purpose.UNSUBSCRIBE, "p": Purpose.PREFERENCES}
_IMAGE = re.compile(r"""<img\b(?:[^>"]|"[^"]*")*>""")
_SOURCE = re.compile(r'\bsrc="([^"]*)"')
_HEIGHT = re.compile(r'\sheight="[^"]*"')
_OURS = re.compile(r"(?:cid:|https?://[^\"]*/images/)([0-9a-f]{24}\.[a-z]+)")


def archived_page(parts: Parts, name: EditionName, *, base: str) -> str | None:
    """Return a sent edition's page, as it was frozen; None where it was not sent.

    Its pictures are taken from `base/images/`, however they travelled; one that cannot be had, or may not be
    copied, is left out.
    The links of readers lead to pages that speak of nobody.
    """
    rendered = parts.stores.editions.rendering(name)
    if rendered is None:
        return None
    links = {
        "@@NAME@@": "",
        "@@UNSUBSCRIBE@@": f"{base}/u/",
        "@@PREFERENCES@@": f"{base}/p/",
        "@@VIEW@@": edition_path(name, base=base),
    }
    html = rendered.html
    for token, link in links.items():
        html = html.replace(token, escape(link))
    kept = _kept_pictures(parts, name) if _has_foreign_pictures(html) else {}
    return _IMAGE.sub(lambda tag: _local_picture(tag[0], kept, base), html)


def sent_editions(
    stores: Stores, newsletter: Newsletter, *, limit: int, before: date | None = None
) -> list[SentEdition]:
    """Return a newsletter's sent editions, newest first, those dated before `before` where it is given."""
    return archive.sent_editions(stores.engine, newsletter.name, limit=limit, before=before)


def edition_path(name: EditionName, *, base: str) -> str:
    """Return the path of a sent edition's page."""
    return f"{base}/archive/{quote(name.newsletter, safe='')}/{name.date.isoformat()}"


def permanent_id(newsletter: Newsletter, name: EditionName | None = None) -> str:
    """Return what a feed calls an edition, or the newsletter, for ever: a tag (RFC 4151), whatever the address."""
    authority = domain_of(newsletter.sender)
    slug = quote(newsletter.name, safe="")
    return f"tag:{authority},2026:digest/{slug}" + (f"/{name.date.isoformat()}" if name else "")


def find_reader(signer: Signer, token: str, kind: LinkKind) -> SubscriberId | None:
    """Return whom a link speaks for, or None where we did not make it."""
    return signer.read_subscriber(_PURPOSES[kind], token)


def take_off(mailing: Mailing, reader: SubscriberId, *, now: datetime) -> None:
    """Unsubscribe the reader a link speaks for; repeating it, and a reader long gone, change nothing."""
    mailing.leave(reader, now=now)


def words_of(language: str, folder: Path) -> Wording:
    """Return the words of the pages in a language, English ones where the folder has none."""
    return find_wording(language, folder=folder)


def _has_foreign_pictures(html: str) -> bool:
    sources = (_SOURCE.search(tag) for tag in _IMAGE.findall(html))
    return any(source and not _OURS.fullmatch(source[1]) for source in sources)


def _kept_pictures(parts: Parts, name: EditionName) -> dict[str, str]:
    """Return our copy's name by the outlet's address: `images = "link"` sent the readers there."""
    edition = parts.stores.editions.get(name)
    found, _ = bring_pictures(edition, parts)
    return {
        unquote(item.image.url): found[item.story_id].name
        for item in edition.items
        if item.story_id in found and item.image is not None and item.image.url
    }


def _local_picture(tag: str, kept: Mapping[str, str], base: str) -> str:
    source = _SOURCE.search(tag)
    if source is None:
        return ""
    ours = _OURS.fullmatch(source[1])
    name = ours[1] if ours else kept.get(unquote(unescape(source[1])))
    if name is None:
        return ""
    if ours is None:  # our copy is cropped, so the original's height would stretch it
        tag = _HEIGHT.sub("", tag)
    return _SOURCE.sub(lambda _: f'src="{escape(f"{base}/images/{name}")}"', tag, count=1)

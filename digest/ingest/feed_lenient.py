"""Read with feedparser, the most lenient parser, the feeds in which our own finds no entry."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser

from digest.ingest.feed_media import is_picture, pixels
from digest.ingest.raw_feed import PictureRank, RawEntry, RawFeed, RawPicture

_MAX_CHARS = 5_000_000
# What it raises itself on tags that close what was never opened.
_STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.I)
_DECLARATION = re.compile(r"<\?xml[^>]{0,300}\?>", re.I)


def read_leniently(text: str, *, most: int) -> RawFeed | None:
    """Return the feed with its first `most` entries, or None where there is none.

    It is slow, and expands entities: long texts and those that declare entities are not tried.
    """
    if len(text) > _MAX_CHARS or "<!ENTITY" in text or not _ENTRY.search(text):
        return None
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(_DECLARATION.sub("", text, count=1).encode("utf-8", errors="replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _STUMBLES:
        return None
    found = parsed.get("entries") or []
    if not found:
        return None
    about = parsed.get("feed") or {}
    return RawFeed(
        entries=tuple(_entry(fields) for fields in found[:most]),
        found=len(found),
        title=str(about.get("title") or ""),
        url=str(about.get("link") or ""),
        language=str(about.get("language") or ""),
    )


def _entry(fields: Mapping[str, Any]) -> RawEntry:
    bodies = [str(body.get("value") or "") for body in fields.get("content") or []]
    named = [str(author.get("name") or "") for author in fields.get("authors") or []]
    return RawEntry(
        title=str(fields.get("title") or ""),
        url=str(fields.get("link") or ""),
        guid=str(fields.get("id") or ""),
        html=max(bodies, key=len, default=""),
        summary=str(fields.get("summary") or ""),
        authors=tuple(name for name in named if name) or tuple(filter(None, [fields.get("author")])),
        dates=tuple(str(fields[key]) for key in ("published", "updated", "created") if fields.get(key)),
        tags=tuple(str(tag.get("label") or tag.get("term") or "") for tag in fields.get("tags") or []),
        pictures=tuple(_pictures(fields)),
        language=str(fields.get("language") or ""),
    )


def _pictures(fields: Mapping[str, Any]) -> list[RawPicture]:
    named = [*(fields.get("media_content") or []), *(fields.get("enclosures") or [])]
    full = [(one.get("url") or one.get("href") or "", one) for one in named]
    return [
        RawPicture(
            url=url, width=pixels(str(one.get("width") or "")), height=pixels(str(one.get("height") or ""))
        )
        for url, one in full
        if url and is_picture(str(one.get("type") or one.get("medium") or ""), url)
    ] + [
        RawPicture(url=str(one["url"]), rank=PictureRank.THUMBNAIL)
        for one in fields.get("media_thumbnail") or []
        if one.get("url")
    ]

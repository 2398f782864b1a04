"""Read the entries of a feed: RSS 2.0, RSS 1.0, Atom, JSON Feed."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import fastfeedparser
import feedparser

from digest.charset import decode
from digest.ingest.feed_fields import http_address, is_http_address, language_code
from digest.ingest.feed_image import find_image
from digest.ingest.feed_text import clean_html, clean_text
from digest.ingest.raw_feed import RawEntry, read_raw
from digest.model import Capture, Failure, FeedEntry
from digest.moment import parse_moment, with_zone

MAX_ENTRIES = 2000
_MAX_LENIENT_CHARS = 5_000_000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.I)


def read_feed(capture: Capture) -> tuple[list[FeedEntry], list[Failure]]:
    """Return the entries of a feed in its order, and a failure for each that cannot be used.

    A feed that cannot be read at all, or is empty, is one failure. Entries without an id, a date or a title
    are kept; HTML is sanitised and its links are absolute.
    """
    text = decode(capture.content, capture.encoding)
    parsed = _parse(text)
    if parsed is None:
        return [], [_failure(capture, "cannot be read as a feed. Check that the address leads to one.")]
    found = _list(parsed.get("entries"))
    if not found:
        return [], [
            _failure(capture, "is a feed without entries. Wait for its next story, or check the address.")
        ]
    about = parsed.get("feed") or {}
    raw = read_raw(text, len(found))
    base = http_address(capture.url or "", about.get("link")) or capture.url or ""
    site = clean_text(about.get("title")) or None
    language = language_code(about.get("language")) or language_code(raw.language)
    entries: list[FeedEntry] = []
    failures: list[Failure] = []
    for number, (fields, own) in enumerate(zip(found, raw.entries, strict=True), start=1):
        entry = _entry(
            fields, own, base=base, site=site, language=language, is_saved=capture.path is not None
        )
        if number > MAX_ENTRIES:
            failures.append(_failure(capture, f"has more than {MAX_ENTRIES} entries; the rest was left out."))
            break
        if entry is None:
            failures.append(
                _failure(capture, f"has an entry (number {number}) without title, text and link.")
            )
        else:
            entries.append(entry)
    return entries, failures


def _parse(text: str) -> Mapping[str, Any] | None:
    """Return the parser's dictionaries: the fast parser's, the lenient one's where the fast one fails."""
    content = _DECLARATION.sub("", text, count=1).encode("utf-8", errors="replace")
    try:
        parsed: Mapping[str, Any] | None = fastfeedparser.parse(content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        parsed = None
    if parsed is not None and any(_is_told(fields) for fields in _list(parsed.get("entries"))):
        return parsed
    # The lenient parser is slow, and entity declarations are only ever an attack on it.
    if len(text) > _MAX_LENIENT_CHARS or "<!ENTITY" in text:
        return parsed
    lenient: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return lenient if lenient.get("entries") or lenient.get("version") else parsed


def _is_told(fields: Mapping[str, Any]) -> bool:
    return bool(
        fields.get("link") or fields.get("content") or (fields.get("title") and fields.get("description"))
    )


def _entry(
    fields: Mapping[str, Any],
    own: RawEntry,
    *,
    base: str,
    site: str | None,
    language: str | None,
    is_saved: bool,
) -> FeedEntry | None:
    guid = str(fields.get("id") or "").strip() or None
    url = http_address(base, fields.get("link")) or (guid if guid and is_http_address(guid) else None)
    title = clean_text(fields.get("title"))
    html = clean_html(_content(fields), base=url or base, is_saved=is_saved)
    told = fields.get("summary") or fields.get("description")
    summary = clean_html(told, base=url or base, is_saved=is_saved)
    if not (title or html or summary or url):
        return None
    published_at, assumed = _published(fields, own)
    return FeedEntry(
        title=title,
        url=url,
        guid=guid,
        html=html or summary,
        summary="" if summary == html else summary,
        authors=_authors(fields, own),
        published_at=published_at,
        published_at_assumed=assumed,
        tags=_tags(fields),
        image=find_image(fields, base=url or base),
        language=language_code(fields.get("language")) or language,
        site=site,
    )


def _content(fields: Mapping[str, Any]) -> str:
    values = [
        str(item.get("value") or "") for item in _list(fields.get("content")) if isinstance(item, Mapping)
    ]
    return max(values, key=len, default="")


def _published(fields: Mapping[str, Any], own: RawEntry) -> tuple[datetime | None, bool]:
    """Return when an entry was published, with the feed's own offset where the two readings agree."""
    text = str(fields.get("published") or fields.get("updated") or fields.get("created") or "")
    parsed, raw = parse_moment(text), parse_moment(own.date)
    moment = raw or parsed
    if raw and parsed and raw.tzinfo and parsed.tzinfo and abs((raw - parsed).total_seconds()) > 1:
        moment = parsed
    return with_zone(moment, UTC) if moment else (None, False)


def _authors(fields: Mapping[str, Any], own: RawEntry) -> tuple[str, ...]:
    named = [
        str(author.get("name") or "")
        for author in _list(fields.get("authors"))
        if isinstance(author, Mapping)
    ]
    names = own.authors or named or [str(fields.get("author") or "")]
    return tuple(dict.fromkeys(name for name in map(clean_text, names) if name))


def _tags(fields: Mapping[str, Any]) -> tuple[str, ...]:
    terms = [
        tag.get("label") or tag.get("term") for tag in _list(fields.get("tags")) if isinstance(tag, Mapping)
    ]
    return tuple(dict.fromkeys(term for term in map(clean_text, terms) if term))[:30]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _failure(capture: Capture, message: str) -> Failure:
    return Failure(subject=capture.source, message=f"{capture.source} {message}")

"""Read JSON Feed, versions 1 and 1.1, and what else lists its items as that does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape

from digest.charset import sound, without_control
from digest.ingest.feed_media import is_picture
from digest.ingest.raw_feed import RawEntry, RawFeed, RawPicture


def read_json(text: str, *, most: int) -> RawFeed | None:
    """Return the feed with its first `most` entries, or None where `text` is no JSON with a list of items."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        return None
    language = _text(data, "language")
    authors = tuple(_authors(data))
    return RawFeed(
        entries=tuple(_entry(item if isinstance(item, dict) else {}, authors) for item in items[:most]),
        found=len(items),
        title=_text(data, "title"),
        url=_text(data, "home_page_url"),
        language=language,
    )


def _entry(item: Mapping[str, object], feed_authors: tuple[str, ...]) -> RawEntry:
    plain = escape(_text(item, "content_text"), quote=False)
    return RawEntry(
        title=_text(item, "title"),
        url=_text(item, "url") or _text(item, "external_url"),
        guid=_text(item, "id"),
        html=_text(item, "content_html") or plain,
        summary=escape(_text(item, "summary"), quote=False),
        authors=tuple(_authors(item)) or feed_authors,
        dates=tuple(date for key in ("date_published", "date_modified") if (date := _text(item, key))),
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        pictures=tuple(_pictures(item)),
        language=_text(item, "language"),
    )


def _pictures(item: Mapping[str, object]) -> Iterator[RawPicture]:
    for key in ("image", "banner_image"):
        if address := _text(item, key):
            yield RawPicture(url=address)
    for attached in _list(item, "attachments"):
        if isinstance(attached, dict) and is_picture(_text(attached, "mime_type"), _text(attached, "url")):
            yield RawPicture(url=_text(attached, "url"))


def _authors(record: Mapping[str, object]) -> Iterator[str]:
    for author in [*_list(record, "authors"), record.get("author")]:
        name = _text(author, "name") if isinstance(author, dict) else author
        if isinstance(name, str) and name.strip():
            yield name


def _text(record: Mapping[str, object], key: str) -> str:
    """Return a string of JSON, a number as one; empty for all else."""
    value = record.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return without_control(sound(value)) if isinstance(value, str) else ""


def _list(record: Mapping[str, object], key: str) -> list[object]:
    value = record.get(key)
    return value if isinstance(value, list) else []

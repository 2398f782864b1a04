"""Find in a feed's own text what the fast parser loses: offsets of dates, all authors, the language.

The text is cut at its items and each piece is searched; where their number differs from the parser's,
nothing is said, so that no fact can land on the wrong entry.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass

_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)(?=[\s>])")
_DATES = tuple(
    re.compile(rf"<(?:\w+:)?{name}(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?([^<\]]{{6,60}})")
    for name in ("pubDate", "published", "issued", "date", "updated", "modified")
)
_ATOM_AUTHOR = re.compile(
    r"<(?:\w+:)?author(?:\s[^>]*)?>\s*(?:<(?!/)[^>]*>[^<]*</[^>]*>\s*)*?<(?:\w+:)?name(?:\s[^>]*)?>([^<]{1,200})<"
)
_CREATOR = re.compile(r"<dc:creator(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?([^<\]]{1,300})")
_LANGUAGE = re.compile(r"<(?:dc:)?language>\s*([A-Za-z-]{2,12})\s*<|xml:lang=[\"']([A-Za-z-]{2,12})[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """What one entry's own text says."""

    date: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """What a feed's own text says, with one record for each of the parser's entries."""

    entries: tuple[RawEntry, ...]
    language: str | None = None


def read_raw(text: str, count: int) -> RawFeed:
    """Return what `text` says of its entries; empty records where they are not `count`."""
    nothing = tuple(RawEntry() for _ in range(count))
    if text.lstrip().startswith("{"):
        return _from_json(text, nothing)
    starts = [found.start() for found in _ITEM.finditer(text)]
    language = _LANGUAGE.search(text[: starts[0] if starts else 4096])
    name = (language.group(1) or language.group(2)) if language else None
    if len(starts) != count:
        return RawFeed(entries=nothing, language=name)
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return RawFeed(entries=tuple(_from_piece(piece) for piece in pieces), language=name)


def _from_piece(piece: str) -> RawEntry:
    date = next((found.group(1) for pattern in _DATES if (found := pattern.search(piece))), "")
    names = _ATOM_AUTHOR.findall(piece) or _CREATOR.findall(piece)
    return RawEntry(date=date.strip(), authors=tuple(html.unescape(name).strip() for name in names[:20]))


def _from_json(text: str, nothing: tuple[RawEntry, ...]) -> RawFeed:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return RawFeed(entries=nothing)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or len(items) != len(nothing):
        return RawFeed(entries=nothing)
    return RawFeed(entries=tuple(_from_item(item) for item in items))


def _from_item(item: object) -> RawEntry:
    if not isinstance(item, dict):
        return RawEntry()
    date = item.get("date_published") or item.get("date_modified")
    authors = item.get("authors")
    names = (
        [author.get("name") for author in authors if isinstance(author, dict)]
        if isinstance(authors, list)
        else []
    )
    return RawEntry(
        date=date if isinstance(date, str) else "",
        authors=tuple(name for name in names if isinstance(name, str)),
    )

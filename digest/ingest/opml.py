"""Read and write OPML, the lists of feeds that feed readers exchange."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from digest.charset import decode, sound
from digest.errors import SourceError
from digest.ingest.xml_text import declares_entities, sound_xml, without_control

MAX_FEEDS = 10_000
MAX_NAME = 60
_NAMESPACE = "urn:daily-dose"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as an OPML file lists it. `section` is the innermost folder it lies in.

    `name` and `weight` are a source's own, where the list was written here.
    """

    url: str
    title: str = ""
    section: str = ""
    name: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """The feeds of an OPML file, in its order, and what was no address that can be fetched."""

    feeds: tuple[ListedFeed, ...]
    refused: tuple[str, ...] = ()


def read_opml(content: bytes, *, subject: str) -> FeedList:
    """Return the feeds that OPML lists, as loosely written as feed readers write it.

    Raises SourceError naming `subject` for what is no OPML, declares entities or lists no feed.
    """
    root = _parse(decode(content), subject)
    feeds: dict[str, ListedFeed] = {}
    refused: list[str] = []
    for element in root.iter():
        if _local(element) != "outline":
            continue
        values = _attributes(element)
        address = values.get("xmlurl", "")
        if not address:
            continue
        url = feed_address(address)
        if url is None:
            refused.append(address[:200])
        elif address_key(url) not in feeds:
            feeds[address_key(url)] = _feed(url, values, _section_of(element, values))
        if len(feeds) + len(refused) > MAX_FEEDS:
            raise SourceError(f"{subject} lists more than {MAX_FEEDS} feeds. Split it into smaller files.")
    if not feeds and not refused:
        raise SourceError(f"{subject} lists no feed: none of its outlines has an xmlUrl.")
    return FeedList(feeds=tuple(feeds.values()), refused=tuple(refused))


def write_opml(feeds: Iterable[ListedFeed], *, title: str, now: datetime) -> str:
    """Return OPML 2.0 of the feeds, those of a section in one folder, in the order given."""
    folders: dict[str, list[ListedFeed]] = {}
    for feed in feeds:
        folders.setdefault(feed.section, []).append(feed)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:dose="{_NAMESPACE}">',
        "  <head>",
        f"    <title>{escape(_line(title))}</title>",
        f"    <dateCreated>{format_datetime(now)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for section, listed in folders.items():
        indent = "      " if section else "    "
        if section:
            lines.append(f"    <outline text={quoteattr(section)} title={quoteattr(section)}>")
        lines += [f"{indent}{_outline(feed)}" for feed in listed]
        if section:
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def feed_address(address: str) -> str | None:
    """Return a feed's http address as it can be fetched, `feed:` taken off; None for any other kind."""
    url = re.sub(r"^feed:(?://)?(?=https?:)", "", address.strip(), flags=re.I)
    url = re.sub(r"^feed://", "https://", url, flags=re.I)
    if not url or len(url) > 2000 or re.search(r"\s", url) or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def address_key(url: str) -> str:
    """Return what two spellings of one feed's address have in common."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError:
        return url
    place = f"{host}:{port}" if port not in (None, 80, 443) else host
    return f"{place}{parts.path.rstrip('/')}?{parts.query}"


def source_name(title: str, *, url: str, taken: Collection[str]) -> str:
    """Return a name for a source that is not taken yet: the title in small letters and dashes, else the host."""
    name = _slug(title) or _slug(urlsplit(url).hostname or "") or "feed"
    chosen, number = name, 2
    while chosen in taken:
        chosen, number = f"{name}-{number}", number + 1
    return chosen


def _slug(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")
    named = (char if _is_of_names(char) else "-" for char in unicodedata.normalize("NFC", plain).lower())
    return re.sub("-{2,}", "-", "".join(named))[:MAX_NAME].strip("-._")


def is_source_name(text: str) -> bool:
    """Say whether a text may name a source: letters with their marks, digits, dots, dashes and underscores."""
    return 0 < len(text) <= MAX_NAME and all(map(_is_of_names, text))


def _is_of_names(char: str) -> bool:
    return char in "._-" or char.isalpha() or char.isdecimal() or unicodedata.category(char)[0] == "M"


def _parse(text: str, subject: str) -> etree._Element:
    """Return the root of OPML; entities, which it has no use for, are refused rather than resolved."""
    if declares_entities(text):
        raise SourceError(f"{subject} declares entities, which no list of feeds needs, and was left out.")
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(sound_xml(text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _local(root) != "opml":
        raise SourceError(f"{subject} is no OPML. Export the list of feeds from your reader as OPML.")
    return root


def _local(element: etree._Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return re.split("[}:]", tag)[-1].lower()


def _attributes(element: etree._Element) -> dict[str, str]:
    return {
        (name.lower() if isinstance(name, str) else ""): _line(str(value))
        for name, value in element.attrib.items()
    }


def _feed(url: str, values: Mapping[str, str], section: str) -> ListedFeed:
    try:
        weight = float(values.get(f"{{{_NAMESPACE}}}weight", "1"))
    except ValueError:
        weight = 1.0
    return ListedFeed(
        url=url,
        title=values.get("title") or values.get("text") or "",
        section=section,
        name=values.get(f"{{{_NAMESPACE}}}name", ""),
        weight=weight if 0 <= weight <= 10 else 1.0,
    )


def _section_of(element: etree._Element, values: Mapping[str, str]) -> str:
    """Return the title of the innermost folder, else the last part of the first category."""
    for folder in element.iterancestors():
        named = _attributes(folder) if _local(folder) == "outline" else {}
        title = named.get("text") or named.get("title")
        if title and not named.get("xmlurl"):
            return title[:80]
    return values.get("category", "").partition(",")[0].rstrip("/").rpartition("/")[2].strip()[:80]


def _outline(feed: ListedFeed) -> str:
    title = feed.title or feed.name
    text = (
        f'<outline text={quoteattr(title)} title={quoteattr(title)} type="rss" xmlUrl={quoteattr(feed.url)}'
    )
    if feed.name and _slug(title) != feed.name:
        text += f" dose:name={quoteattr(feed.name)}"
    if feed.weight != 1.0:
        text += f' dose:weight="{feed.weight:g}"'
    return text + "/>"


def _line(text: str) -> str:
    return " ".join(without_control(sound(text)).split())

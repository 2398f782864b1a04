"""Find the pictures that a feed's entry names beside its text, with their captions and credits.

Media RSS, enclosures, podcast covers. An entry's children go by short names: `title`, `media:content`,
`itunes:image`, whatever prefix a feed writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from lxml import etree

from digest.ingest.raw_feed import PictureRank, RawPicture

Elements: TypeAlias = list[etree._Element]

_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")
_FEED = re.compile(
    r"w3\.org/2005/atom|purl\.org/(?:atom|rss|net/rss|dc)\b|backend\.userland\.com|netscape\.com|rssboard\.org|w3\.org/1999/xhtml|"
    r"^(?:dc|atom|rss|content|dcterms)$",
    re.I,
)
_FULL = PictureRank.FULL
_NOTHING: Mapping[str, Elements] = {}
_MEDIA = re.compile(r"mrss|^media$", re.I)


class Names(dict[object, str]):
    """The short names of a feed's elements by their tags; those of no namespace we read are `other`."""

    def __init__(self, entry: etree._Element) -> None:
        super().__init__()
        self._own = entry.tag[1:].rpartition("}")[0]

    def __missing__(self, tag: object) -> str:
        if not isinstance(tag, str):  # a comment, an entity
            return "other"
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if not space and ":" in local:  # a prefix that is not declared
            space, _, local = local.partition(":")
        name = local.lower()
        if space and space != self._own and not _FEED.search(space):
            if _MEDIA.search(space):
                name = f"media:{name}"
            elif "itunes" in space.lower():
                name = f"itunes:{name}"
            elif name != "origlink":
                name = "other"
        self[tag] = name
        return name


def local_name(tag: str) -> str:
    """Return a tag without its namespace or prefix; a parser that recovers lets stranger ones pass than XML does."""
    return tag.rpartition("}")[2].rpartition(":")[2] or "x"


def children(element: etree._Element, names: Names) -> dict[str, Elements]:
    """Return an element's children by their short names, in order."""
    found: dict[str, Elements] = {}
    for child in element:
        found.setdefault(names[child.tag], []).append(child)
    return found


def text_of(element: etree._Element) -> str:
    """Return all text within an element."""
    if not len(element):
        return element.text or ""
    return "".join(str(text) for text in element.itertext())


def pictures_of(parts: Mapping[str, Elements], names: Names) -> list[RawPicture]:
    """Return the pictures that an entry's children name, in their order in each field."""
    has_media = "media:content" in parts or "media:group" in parts or "media:thumbnail" in parts
    found = _media(parts, names) if has_media else []
    links = parts.get("link", ())
    for element in (*parts.get("enclosure", ()), *(links if len(links) > 1 else ())):
        address = element.get("url") or (element.get("href") if element.get("rel") == "enclosure" else None)
        if address and is_picture(element.get("type") or "", address):
            found.append(RawPicture(url=address))
    for element in (*parts.get("image", ()), *parts.get("itunes:image", ())):
        inner = next(iter(element.iterchildren("{*}url")), element)
        address = element.get("href") or element.get("url") or text_of(inner)
        if address.strip():
            found.append(RawPicture(url=address, rank=PictureRank.COVER))
    return found


def _media(
    parts: Mapping[str, Elements], names: Names, caption: str = "", credit: str = ""
) -> list[RawPicture]:
    """Return Media RSS's pictures; what a group or the entry says of them holds for each that says nothing."""
    found: list[RawPicture] = []
    caption = _text(parts, "media:description") or caption
    credit = _credit(parts) or credit
    for media in parts.get("media:content", ()):
        inner = children(media, names) if len(media) else _NOTHING
        address = media.get("url")
        if address and is_picture(media.get("type") or media.get("medium") or "", address):
            found.append(_picture(media, address, inner, caption, credit))
        for thumbnail in inner.get("media:thumbnail", ()):
            found += _thumbnail(thumbnail, caption, credit)
    for group in parts.get("media:group", ()):
        found += _media(children(group, names), names, caption, credit)
    for thumbnail in parts.get("media:thumbnail", ()):
        found += _thumbnail(thumbnail, caption, credit)
    return found


def _picture(
    media: etree._Element, address: str, inner: Mapping[str, Elements], caption: str, credit: str
) -> RawPicture:
    width, height = pixels(media.get("width")), pixels(media.get("height"))
    title = ""
    if inner:
        title = _text(inner, "media:title")
        caption = _text(inner, "media:description") or caption
        credit = _credit(inner) or credit
    return RawPicture(address, _FULL, width, height, title, caption, credit)


def _thumbnail(element: etree._Element, caption: str, credit: str) -> list[RawPicture]:
    address = element.get("url") or text_of(element)
    if not address.strip():
        return []
    width, height = pixels(element.get("width")), pixels(element.get("height"))
    return [RawPicture(address, PictureRank.THUMBNAIL, width, height, "", caption, credit)]


def is_picture(kind: str, address: str) -> bool:
    """Say whether what a feed names is a picture: by its declared kind, else by how the address ends."""
    if kind:
        return kind.startswith("image") or kind.strip().lower().startswith("image")
    return address.partition("?")[0].lower().endswith(_ENDINGS)


def pixels(value: str | None) -> int | None:
    """Return a size as a feed writes it; None where it is none."""
    if not value:
        return None
    text = value if value.isdecimal() else value.strip().removesuffix("px")
    return int(text) or None if text.isdecimal() and len(text) < 6 else None


def _text(parts: Mapping[str, Elements], name: str) -> str:
    for element in parts.get(name, ()):
        if text := text_of(element).strip():
            return text
    return ""


def _credit(parts: Mapping[str, Elements]) -> str:
    """Return who is credited: the photographer where several are and one is called so."""
    credited = parts.get("media:credit")
    if not credited:
        return ""
    if len(credited) > 1:
        credited = sorted(credited, key=lambda one: (one.get("role") or "").lower() != "photographer")
    return next((text for element in credited if (text := text_of(element).strip())), "")

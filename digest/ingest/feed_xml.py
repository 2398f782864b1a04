"""Read the XML of RSS 0.9 to 2.0 and Atom feeds, whatever prefixes and addresses their namespaces have.

One pass of our own over the tree. fastfeedparser takes a millisecond or two less of the thirty that a feed of
100 entries costs, but gives dates in UTC, one author of several and no xml:base, drops XHTML titles, takes any
element named `title` or `description` for the entry's, and makes a date of a GUID that looks like one. A second
pass that finds all this costs what it saves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urljoin

from lxml import etree

from digest.ingest.feed_media import Elements, Names, children, local_name, pictures_of, text_of
from digest.ingest.feed_repair import repaired
from digest.ingest.raw_feed import RawEntry, RawFeed

_ROOTS = {"rss", "feed", "rdf", "channel"}
_PROLOGUE = re.compile(r"<(?:\?xml\s|(?:\w+:)?(?:rss|feed|rdf)[\s>])", re.I)
_SIGN = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel|item|entry)[\s>]", re.I)
_DECLARATION = re.compile(r"<\?xml[^>]{0,300}\?>", re.I)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.S | re.I)
_LAST_TAG = re.compile(r".*<(/?)(?:\w+:)?(?:item|entry)(?=[\s>/])", re.S | re.I)
_JUNK_CHARS = 8192
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DATES = ("pubdate", "published", "issued", "date", "created", "updated", "modified", "lastbuilddate")
_BODIES = ("encoded", "content", "body")
_VOID = {"br", "col", "hr", "img", "input", "source", "track", "wbr"}
_HTML_TYPES = {"", "html", "xhtml", "text", "text/html", "text/plain", "application/xhtml+xml"}


def read_xml(text: str, *, most: int) -> RawFeed | None:
    """Return the feed with its first `most` entries, or None where `text` is no feed of XML.

    Neither entities are expanded nor anything is fetched. An entry in which a feed breaks off is left out.
    """
    text = _bare(text)
    root = _parse(text)
    is_cut = False
    if root is None:
        if not _SIGN.search(text):
            return None
        root = _parse(repaired(text), recover=True)
        last = _LAST_TAG.match(text)
        is_cut = last is not None and not last.group(1)
    if root is None:
        return None
    items = [item for item in root.iter("{*}item", "{*}entry") if not _is_within_item(item)]
    if not items and local_name(root.tag).lower() not in _ROOTS:
        return None
    if is_cut:
        items = items[:-1]
    channel = next(root.iter("{*}channel"), root)
    return _feed(root, channel, items, most=most, is_cut=is_cut, has_bases="xml:base" in text)


def _bare(text: str) -> str:
    """Drop what stands before the feed, its declaration (the text is decoded) and its document type."""
    head = text[:_JUNK_CHARS]
    start = _PROLOGUE.search(head)
    place = start.start() if start else len(head) - len(head.lstrip())
    declared = _DECLARATION.match(text, place)
    text = text[declared.end() if declared else place :].lstrip()
    return _DOCTYPE.sub("", text, count=1) if "<!DOCTYPE" in head.upper() else text


def _parse(text: str, *, recover: bool = False) -> etree._Element | None:
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _is_within_item(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag.endswith(("item", "entry"))


def _feed(
    root: etree._Element,
    channel: etree._Element,
    items: Sequence[etree._Element],
    *,
    most: int,
    is_cut: bool,
    has_bases: bool,
) -> RawFeed:
    names = Names(channel)
    about = children(channel, names)
    authors = _authors(about) if about.get("entry") else ()
    entries = []
    own = Names(items[0]) if items else names
    for item in items[:most]:
        entries.append(_entry(item, own, feed_authors=authors, has_bases=has_bases))
    return RawFeed(
        entries=tuple(entries),
        found=len(items),
        title=_first(about, "title"),
        url=_link(about, has_bases=has_bases),
        language=channel.get(_LANGUAGE) or root.get(_LANGUAGE) or _first(about, "language"),
        is_cut=is_cut,
    )


def _entry(item: etree._Element, names: Names, *, feed_authors: tuple[str, ...], has_bases: bool) -> RawEntry:
    parts = children(item, names)
    guid = parts.get("guid")
    html, body = _longest(parts)
    told = parts.get("description") or parts.get("summary")
    title = parts.get("title")
    return RawEntry(
        title=_markup(title[0]) if title else "",
        url=_link(parts, has_bases=has_bases),
        guid=_first(parts, "guid") or _first(parts, "id") or item.get(_ABOUT, ""),
        guid_is_address=guid is None or guid[0].get("isPermaLink") not in ("false", "False", "0"),
        html=html,
        summary=_markup(told[0]) if told else "",
        base=(body if body is not None else item).base or "" if has_bases else "",
        authors=_authors(parts) or feed_authors,
        dates=tuple([text_of(one) for name in _DATES if name in parts for one in parts[name]]),
        tags=tuple(_tags(parts)),
        pictures=tuple(pictures_of(parts, names)),
        language=item.get(_LANGUAGE) or _first(parts, "language"),
    )


def _longest(parts: Mapping[str, Elements]) -> tuple[str, etree._Element | None]:
    """Return the longest text that the entry calls its content, and the element that holds it."""
    html, body = "", None
    for name in _BODIES:
        for element in parts.get(name, ()):
            if (element.get("type") or "").strip().lower() not in _HTML_TYPES or element.get("src"):
                continue
            markup = _markup(element)
            if len(markup) > len(html):
                html, body = markup, element
    return html, body


def _markup(element: etree._Element) -> str:
    """Return an element's content as HTML: its text, or the elements that stand in it unescaped."""
    if not len(element):
        return (element.text or "").strip()
    if any(inner.prefix for inner in element):
        for inner in element.iterdescendants():
            inner.tag = local_name(inner.tag)
    pieces = [etree.tostring(inner, encoding="unicode") for inner in element]
    markup = escape(element.text or "", quote=False) + "".join(pieces)

    def closed(found: re.Match[str]) -> str:
        """HTML takes <a/> for a tag that is left open."""
        name = markup[markup.rfind("<", 0, found.start()) + 1 : found.start()].partition(" ")[0]
        return "/>" if name in _VOID else f"></{name}>"

    return re.sub("/>", closed, markup).strip()


def _first(parts: Mapping[str, Elements], name: str) -> str:
    for element in parts.get(name, ()):
        if text := text_of(element).strip():
            return text
    return ""


def _link(parts: Mapping[str, Elements], *, has_bases: bool) -> str:
    """Return the address of the page: where it was before a counter took its place, else the best link."""
    links = [*parts.get("origlink", ()), *parts.get("link", ())]
    if len(links) == 1 and not has_bases and (address := (links[0].text or "").strip()):
        return address
    ranked: list[tuple[int, str]] = []
    for element in links:
        address = text_of(element).strip() or (element.get("href") or "").strip()
        relation = (element.get("rel") or "alternate").strip().lower()
        if address and relation in ("alternate", "related"):
            kind = (element.get("type") or "text/html").lower()
            ranked.append(
                (2 * (relation != "alternate") + (kind != "text/html"), _based(address, element, has_bases))
            )
    return min(ranked, key=lambda one: one[0], default=(0, ""))[1]


def _based(address: str, element: etree._Element, has_bases: bool) -> str:
    if not has_bases or not (base := element.base):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _authors(parts: Mapping[str, Elements]) -> tuple[str, ...]:
    """Return the names of all who are named in the field that is meant for it, else in the next best."""
    for field in ("creator", "author", "itunes:author"):
        if names := [name for element in parts.get(field, ()) for name in _names(element)]:
            return tuple(names)
    return ()


def _names(element: etree._Element) -> list[str]:
    named = list(element.iterchildren("{*}name")) if len(element) else []
    return [name for one in named or [element] if (name := text_of(one).strip())]


def _tags(parts: Mapping[str, Elements]) -> list[str]:
    named = [*parts.get("category", ()), *parts.get("subject", ())]
    return [one.text or one.get("label") or one.get("term") or "" for one in named]

"""Read sitemaps: of news, of pages, and the indexes that name other sitemaps.

The formats are sitemaps.org 0.9, and Google's namespaces for news and for pictures.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from digest.charset import decode, sound
from digest.errors import SourceError
from digest.ingest.feed_date import can_be_published
from digest.ingest.feed_fields import language_code
from digest.ingest.feed_text import clean_text, join_address
from digest.ingest.xml_text import declares_entities, sound_xml
from digest.model import Capture, FeedEntry, Image
from digest.moment import parse_moment, with_zone

MAX_ENTRIES = 50_000
"""The protocol allows no more in one file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """A page as a sitemap lists it. `changed_at` is its `lastmod`, which says nothing of its publication.

    A date of publication that cannot be one stands in for a `lastmod` that is missing.

    `is_news` is true where the sitemap tells of it as a story, with a title or the date it was published.
    """

    entry: FeedEntry
    changed_at: datetime | None = None
    is_news: bool = False

    @property
    def dated(self) -> datetime | None:
        """Return when the page was published, else when it was changed."""
        return self.entry.published_at or self.changed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSitemap:
    """A sitemap that an index names."""

    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """The pages of a sitemap, or the sitemaps of an index, in their order. `is_cut`: there were too many."""

    pages: tuple[ListedPage, ...] = ()
    children: tuple[ListedSitemap, ...] = ()
    is_cut: bool = False


@dataclass(slots=True)
class _Fields:
    """What has been read of one `url` or `sitemap` element, by local name; the first of each counts.

    Of several pictures only the first is read: `has_image` once it has ended.
    """

    values: dict[str, str] = field(default_factory=dict)
    image: dict[str, str] = field(default_factory=dict)
    has_image: bool = False


def read_sitemap(capture: Capture) -> Sitemap:
    """Return what a sitemap lists; raise SourceError naming its source for what is none.

    What is listed without an http address is passed over.
    """
    pages: list[ListedPage] = []
    children: list[ListedSitemap] = []
    is_cut = False
    for kind, fields in _elements(decode(capture.content, capture.encoding), capture.source):
        url = join_address(capture.url or "", fields.values.get("loc", ""))
        if url is None:
            continue
        if len(pages) + len(children) >= MAX_ENTRIES:
            is_cut = True
            break
        if kind == "sitemap":
            children.append(ListedSitemap(url=url, changed_at=_moment(fields.values.get("lastmod"))[0]))
        else:
            pages.append(_page(url, fields, now=capture.fetched_at))
    return Sitemap(pages=tuple(pages), children=tuple(children), is_cut=is_cut)


def _page(url: str, fields: _Fields, *, now: datetime) -> ListedPage:
    values = fields.values
    told, assumed = _moment(values.get("publication_date"))
    published_at = told if told and can_be_published(told, now=now) else None
    tags = [tag.strip() for tag in re.split(r"[,;]", values.get("keywords", "")) if tag.strip()]
    return ListedPage(
        entry=FeedEntry(
            title=values.get("title", ""),
            url=url,
            published_at=published_at,
            published_at_assumed=assumed and published_at is not None,
            tags=tuple(dict.fromkeys(tags))[:30],
            image=_image(url, fields.image),
            language=language_code(values.get("language")),
            site=values.get("name") or None,
        ),
        changed_at=_moment(values.get("lastmod"))[0] or told,
        is_news="title" in values or "publication_date" in values,
    )


def _image(page: str, values: dict[str, str]) -> Image | None:
    url = join_address(page, values.get("loc", ""))
    if url is None:
        return None
    return Image(url=url, alt=values.get("title") or None, caption=values.get("caption") or None)


def _moment(text: str | None) -> tuple[datetime | None, bool]:
    moment = parse_moment(text) if text else None
    return with_zone(moment, UTC) if moment else (None, False)


def _elements(text: str, source: str) -> Iterator[tuple[str, _Fields]]:
    """Yield each listed element's kind and fields, one in memory at a time.

    Names are compared without their namespaces, which many sitemaps get wrong.
    """
    if declares_entities(text):
        raise SourceError(f"{source} declares entities, which no sitemap needs, and was left out.")
    events = etree.iterparse(
        io.BytesIO(sound_xml(text).encode("utf-8", "replace")),
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
    )
    fields = _Fields()
    try:
        for _, element in events:
            name = _local(element)
            if name == "image":
                fields.has_image = True
            if name in ("url", "sitemap"):
                yield name, fields
                fields = _Fields()
                _forget(element)
                continue
            parent = element.getparent()
            above = _local(parent) if parent is not None else ""
            if above in ("url", "sitemap", "news", "publication"):
                _keep(fields.values, name, element.text)
            elif above == "image" and not fields.has_image:
                _keep(fields.image, name, element.text)
    except etree.XMLSyntaxError as exc:
        raise SourceError(
            f"{source} cannot be read as a sitemap. Check that the address leads to one."
        ) from exc


def _keep(values: dict[str, str], name: str, text: str | None) -> None:
    value = sound(text or "").strip()
    if name != "loc":
        value = clean_text(value)
    if value:
        values.setdefault(name, value[:2000])


def _forget(element: etree._Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _local(element: etree._Element) -> str:
    tag = element.tag if isinstance(element.tag, str) else ""
    return re.split("[}:]", tag)[-1].lower()

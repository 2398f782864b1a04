"""Find when a story was published, in the outlet's own time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import chain

from lxml.html import HtmlElement

from digest.extract.jsonld import as_list
from digest.extract.spoken_date import find_spoken_date
from digest.extract.structured import Structured, clean
from digest.moment import parse_moment, with_zone

_METAS = (
    "article:published_time",
    "article:published",
    "datepublished",
    "date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "og:published_time",
    "originalpublicationdate",
    "datecreated",
    "last-modified",
)
_DATED = re.compile(
    r"data-(?:[\w-]+-)?(?:publish|published|pub|deploy|created|date)(?:-(?:date|time|at|dt|on))?$"
)
"""The attributes in which a page without a date elsewhere may keep one for its scripts."""


def find_published(
    root: HtmlElement, structured: Structured, *, zone: tzinfo | None = None, lines: Sequence[str] = ()
) -> tuple[datetime | None, bool]:
    """Return when a story was published, and whether its offset is assumed to be `zone`'s (else UTC's).

    `lines` are those between the headline and the story; they are asked last.
    """
    near = (line for line in lines if len(line) < 200)
    return read_published(chain(_candidates(root, structured), near), zone=zone)


def read_published(texts: Iterable[str], *, zone: tzinfo | None = None) -> tuple[datetime | None, bool]:
    """Return the first moment that `texts` hold, and whether its offset is assumed."""
    for text in texts:
        moment = parse_moment(text) or find_spoken_date(text)
        if moment is not None and 1990 <= moment.year <= 2100:
            return with_zone(moment, zone or UTC)
    return None, False


def _candidates(root: HtmlElement, structured: Structured) -> Iterator[str]:
    for key in ("datePublished", "dateCreated", "uploadDate"):
        for node in structured.articles:
            yield from (clean(value) for value in as_list(node.get(key)) if clean(value))
    for name in _METAS:
        yield from structured.metas.get(name, ())
    for node in structured.nodes:
        yield from (clean(value) for value in as_list(node.get("datePublished")) if clean(value))
    for element in root.iter():
        if element.get("itemprop") in ("datePublished", "dateCreated"):
            yield element.get("content") or element.get("datetime") or clean(element.text_content())
    for element in root.iter("time"):
        yield element.get("datetime") or clean(element.text_content())
    for element in root.iter():
        yield from (value for name, value in element.items() if _DATED.match(name))
    for name in ("article:modified_time", "datemodified"):
        yield from structured.metas.get(name, ())

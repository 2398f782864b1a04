"""Say why a document is no feed, and where the feed is that it names."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from digest.charset import decode
from digest.ingest.feed_text import join_address
from digest.model import Capture

_HEAD_CHARS = 256 * 1024
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|meta|title|script|br|b)\b", re.I)
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}


def explain_page(capture: Capture) -> str:
    """Return what an editor should know of a document in which no feed was found; its subject comes before."""
    text = decode(capture.content[: 2 * _HEAD_CHARS], capture.encoding)[:_HEAD_CHARS]
    if not _PAGE.search(text):
        return "cannot be read as a feed. Check that the address leads to one."
    address = find_feed(text, base=capture.url or "")
    if address:
        return f"is a web page, not a feed. The page names this feed: {address}. Use that address."
    return 'is a web page, not a feed, and names none. Ask the site for its feed, or use kind = "pages".'


def find_feed(markup: str, *, base: str) -> str | None:
    """Return the address of the first feed that a page's links name."""
    try:
        root = document_fromstring(markup, parser=HTMLParser(no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    for link in root.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in (link.get("rel") or "").lower().split() and kind in _FEED_TYPES:
            address = join_address(base, link.get("href") or "")
            if address:
                return address
    return None

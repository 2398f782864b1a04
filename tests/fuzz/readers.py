"""The readers as a fuzzer calls them: bytes in, nothing out, and no exception but our own.

Runs without pytest and Hypothesis, so that the peers' environment can drive it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from digest.charset import find_encoding
from digest.errors import DigestError
from digest.extract.story import is_truncated, merge_entry, read_story, story_from_entry
from digest.ingest.feeds import read_feed
from digest.ingest.mail import mail_body
from digest.ingest.opml import read_opml
from digest.ingest.sitemap import read_sitemap
from digest.ingest.sniff import sniff
from digest.model import Capture, DocumentKind, Failure, FeedEntry, Story

ADDRESS = "https://courier.example/news/1"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOST_ENTRIES = 20
"""Entries of one feed that are made stories: each is the same work again."""


class BrokenPromiseError(AssertionError):
    """Report something that was read but is not what a reader promises."""


def page(content: bytes) -> None:
    """Read bytes as a page."""
    _read(_capture(content, DocumentKind.PAGE))


def dump(content: bytes) -> None:
    """Read bytes as a text dump."""
    _read(_capture(content, DocumentKind.DUMP))


def feed(content: bytes) -> None:
    """Read bytes as a feed, and its entries as stories."""
    capture = _capture(content, DocumentKind.FEED)
    entries, failures = read_feed(capture)
    _hold(failures)
    _hold(entries)
    for entry in entries[:MOST_ENTRIES]:
        is_truncated(entry)
        _try(lambda entry=entry: _entry(entry, capture))  # type: ignore[misc]


def sitemap(content: bytes) -> None:
    """Read bytes as a sitemap."""
    _try(lambda: read_sitemap(_capture(content, DocumentKind.SITEMAP)))


def opml(content: bytes) -> None:
    """Read bytes as a list of feeds."""
    _try(lambda: read_opml(content, subject="feeds.opml"))


def document(content: bytes) -> None:
    """Read bytes of an unknown kind, as a file of any name is read."""
    _try(lambda: _sniffed(content, ""))


def mail(content: bytes) -> None:
    """Read bytes as a saved email, and the page or text in it."""
    _try(lambda: _sniffed(*mail_body(content, subject="mail.eml")))


READERS: dict[str, Callable[[bytes], None]] = {
    "page": page,
    "dump": dump,
    "feed": feed,
    "sitemap": sitemap,
    "opml": opml,
    "document": document,
    "mail": mail,
}


def _sniffed(content: bytes, content_type: str) -> None:
    kind = sniff(content, encoding=find_encoding(content, content_type=content_type))
    {
        DocumentKind.PAGE: page,
        DocumentKind.DUMP: dump,
        DocumentKind.FEED: feed,
        DocumentKind.SITEMAP: sitemap,
    }[kind](content)


def _capture(content: bytes, kind: DocumentKind) -> Capture:
    return Capture(
        source="fuzz",
        kind=kind,
        content=content,
        fetched_at=NOW,
        url=ADDRESS,
        path=Path("/nonexistent/fuzz"),
        encoding=find_encoding(content),
    )


def _read(capture: Capture) -> None:
    def story() -> None:
        found = read_story(capture)
        if not found.text or not found.title:
            raise BrokenPromiseError(f"a story without {'text' if found.title else 'a title'}")
        _check(found)

    _try(story)


def _entry(entry: FeedEntry, capture: Capture) -> None:
    found = story_from_entry(entry, capture)
    _check(found)
    _check(merge_entry(found, entry))


def _check(story: Story) -> None:
    """Hold a story to what is done with it next: it is stored and printed as JSON, and its parts fit together."""
    _hold([story])
    if story.published_at is not None and story.published_at.tzinfo is None:
        raise BrokenPromiseError("a date without an offset")
    if story.blurb_end is not None and not 0 < story.blurb_end <= len(story.text):
        raise BrokenPromiseError(f"a blurb that ends at {story.blurb_end} of {len(story.text)}")
    if story.text != story.text.strip() or "\x00" in story.text:
        raise BrokenPromiseError("a text with blanks around it or a NUL in it")


def _hold(values: Iterable[Story | Failure | FeedEntry]) -> None:
    for value in values:
        json.dumps(asdict(value), ensure_ascii=False, default=str).encode("utf-8")


def _try(read: Callable[[], object]) -> None:
    try:
        read()
    except DigestError as exc:
        if not str(exc):
            raise BrokenPromiseError("an error without a sentence") from exc

"""Read the entries of a feed: RSS 0.9 to 2.0, Atom, JSON Feed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from digest.charset import decode
from digest.ingest.feed_date import can_be_published, parse_feed_date
from digest.ingest.feed_fields import language_code
from digest.ingest.feed_image import find_image
from digest.ingest.feed_json import read_json
from digest.ingest.feed_lenient import read_leniently
from digest.ingest.feed_link import explain_page
from digest.ingest.feed_text import clean_html, clean_text, join_address
from digest.ingest.feed_xml import read_xml
from digest.ingest.raw_feed import RawEntry, RawFeed
from digest.model import Capture, Failure, FeedEntry
from digest.moment import with_zone

MAX_ENTRIES = 2000
_MAIL = re.compile(r"(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+")
_MOST_TAGS = 30
_ENTITY = re.compile(r"<!ENTITY[^>]{1,2000}?(?:\s(?:SYSTEM|PUBLIC)\s|&(?!#))")
_PROLOGUE_CHARS = 100_000


def read_feed(capture: Capture) -> tuple[list[FeedEntry], list[Failure]]:
    """Return the entries of a feed in its order, and a failure for each that cannot be used.

    A feed that cannot be read at all, or is empty, is one failure. Entries without an id, a date or a title
    are kept; HTML is sanitised and its links are absolute. Dates before 1990 or more than a day ahead of the
    capture are none.
    """
    text = decode(capture.content, capture.encoding)
    if _ENTITY.search(text[:_PROLOGUE_CHARS]):
        message = (
            "declares entities that stand for others or for files, which no feed needs, and was left out."
        )
        return [], [_failure(capture, message)]
    raw = _read(text)
    if raw is None:
        return [], [_failure(capture, explain_page(capture))]
    if not raw.found:
        return [], [
            _failure(capture, "is a feed without entries. Wait for its next story, or check the address.")
        ]
    base = join_address(capture.url or "", raw.url) or capture.url or ""
    site = clean_text(raw.title) or None
    language = language_code(raw.language)
    entries: list[FeedEntry] = []
    failures: list[Failure] = []
    for number, told in enumerate(raw.entries, start=1):
        entry = _entry(told, capture, base=base, site=site, language=language)
        if entry is None:
            failures.append(
                _failure(capture, f"has an entry (number {number}) without title, text and link.")
            )
        else:
            entries.append(entry)
    if raw.found > len(raw.entries):
        failures.append(_failure(capture, f"has more than {MAX_ENTRIES} entries; the rest was left out."))
    if raw.is_cut:
        failures.append(_failure(capture, "breaks off inside its last entry, which was left out."))
    return entries, failures


def _read(text: str) -> RawFeed | None:
    """Read with the parser that fits; with the most lenient where that finds no entry."""
    if text.lstrip()[:1] in ("{", "["):
        return read_json(text, most=MAX_ENTRIES)
    raw = read_xml(text, most=MAX_ENTRIES)
    if raw is None or not (raw.found or raw.is_cut):
        return read_leniently(text, most=MAX_ENTRIES) or raw
    return raw


def _entry(
    told: RawEntry, capture: Capture, *, base: str, site: str | None, language: str | None
) -> FeedEntry | None:
    base = join_address(base, told.base) or base if told.base else base
    guid = told.guid.strip() or None
    url = join_address(base, told.url)
    if url is None and guid and told.guid_is_address:
        url = join_address("", guid)
    title = clean_text(told.title)
    start = base if told.base else url or base
    is_saved = capture.path is not None
    summary = clean_html(told.summary, base=start, is_saved=is_saved)
    html = clean_html(told.html, base=start, is_saved=is_saved) if told.html != told.summary else summary
    html = html or summary
    if not (title or html or url):
        return None
    published_at, is_assumed = _published(told.dates, capture.fetched_at)
    return FeedEntry(
        title=title,
        url=url,
        guid=guid,
        html=html,
        summary="" if summary == html else summary,
        authors=tuple(dict.fromkeys(filter(None, map(_person, told.authors)))),
        published_at=published_at,
        published_at_assumed=is_assumed,
        tags=tuple(dict.fromkeys(filter(None, map(clean_text, told.tags))))[:_MOST_TAGS],
        image=find_image(told, base=start),
        language=language_code(told.language) or language,
        site=site,
    )


def _published(dates: tuple[str, ...], fetched_at: datetime) -> tuple[datetime | None, bool]:
    """Return the first date that can be when the entry was published, and whether its offset was assumed."""
    for date in dates:
        moment = parse_feed_date(date)
        if moment is None:
            continue
        moment, is_assumed = with_zone(moment, UTC)
        if can_be_published(moment, now=fetched_at):
            return moment, is_assumed
    return None, False


def _person(name: str) -> str:
    """Return a name without the mail address that RSS writes before it: `desk@x.example (Jane Doe)`."""
    text = clean_text(name)
    if "@" not in text:
        return text
    return _MAIL.sub("", text).strip(" ()<>,")


def _failure(capture: Capture, message: str) -> Failure:
    return Failure(subject=capture.source, message=f"{capture.source} {message}")

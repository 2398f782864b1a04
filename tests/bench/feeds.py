"""How long a feed of 100 entries takes to read, cleaned, beside feedparser with its sanitising on.

Processor time, since both run in this process by turns.
"""

from __future__ import annotations

import gc
import io
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape

import feedparser

from digest.ingest.feeds import read_feed
from digest.model import Capture, DocumentKind

ENTRIES = 100
LIMITS = {
    "full_text_share_of_feedparser": 0.1,
    "atom_share_of_feedparser": 0.1,
    "summaries_share_of_feedparser": 0.1,
}
_ROUNDS = 9
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_NAMES = ("Ada Marsh", "Ned Calloway", "Ines Brandt", "Tom Okafor", "Lea Winther")
_TEXT = (
    "the ferry to Saltmarsh has been late again this week and nobody at the harbour office seems to know why "
    "although Captain Okafor says that the tide tables printed in spring were wrong from the start while the "
    "mayor of Brackwater has asked for patience & a second boat “before the frost” which the council may vote "
    "on in its next session if enough of its members can reach the island in time for once"
)
_WORDS = tuple(_TEXT.split())


def measure() -> dict[str, float]:
    """Read each shape of feed in turn with us and with feedparser, and compare the medians."""
    figures: dict[str, float] = {}
    for name, make in (("full_text", make_rss), ("atom", make_atom), ("summaries", make_summaries)):
        content = make().encode()
        capture = Capture(
            source="gazette",
            kind=DocumentKind.FEED,
            content=content,
            fetched_at=_NOW,
            url="https://gazette.example/feed",
        )
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours += [_seconds(partial(read_feed, capture)) for _ in range(3)]
            theirs.append(_seconds(partial(feedparser.parse, io.BytesIO(content))))
        figures[f"{name}_milliseconds"] = round(statistics.median(ours) * 1000, 2)
        figures[f"{name}_feedparser_milliseconds"] = round(statistics.median(theirs) * 1000, 2)
        figures[f"{name}_share_of_feedparser"] = round(statistics.median(ours) / statistics.median(theirs), 4)
    return figures


def make_rss() -> str:
    """Return an RSS feed whose entries hold their whole story: some 600 words, pictures, relative links."""
    dice = random.Random(1)
    items = "".join(
        f"""<item><title>{escape(_sentence(dice, 9))}</title>
<link>https://gazette.example/2026/11/story-{number}/</link>
<comments>https://gazette.example/2026/11/story-{number}/#comments</comments>
<dc:creator><![CDATA[{dice.choice(_NAMES)}]]></dc:creator><pubDate>{format_datetime(_moment(number))}</pubDate>
<category><![CDATA[Harbour]]></category><category><![CDATA[Council & votes]]></category>
<guid isPermaLink="false">https://gazette.example/?p={number}</guid>
<description><![CDATA[<p>{_sentence(dice, 40)} [&#8230;]</p>]]></description>
<content:encoded><![CDATA[{_story(dice, number)}]]></content:encoded></item>
"""
        for number in range(ENTRIES)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>The Gazette</title><link>https://gazette.example</link><language>en-GB</language>
<atom:link href="https://gazette.example/feed/" rel="self" type="application/rss+xml" />
{items}</channel></rss>"""


def make_atom() -> str:
    """Return an Atom feed, its content by turns XHTML and escaped HTML."""
    dice = random.Random(2)

    def content(number: int) -> str:
        story = _story(dice, number)
        if number % 2:
            return f'<content type="html">{escape(story)}</content>'
        return (
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            f"{story.replace('&nbsp;', '&#160;')}</div></content>"
        )

    entries = "".join(
        f"""<entry><id>tag:review.example,2026:{number}</id><title type="html">{escape(_sentence(dice, 9))}</title>
<link rel="alternate" type="text/html" href="/2026/story-{number}"/>
<published>{_moment(number).isoformat()}</published><updated>{_moment(number).isoformat()}</updated>
<author><name>{dice.choice(_NAMES)}</name></author><category term="harbour" label="Harbour"/>
<summary>{escape(_sentence(dice, 30))}</summary>{content(number)}</entry>
"""
        for number in range(ENTRIES)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Review</title><id>tag:review.example,2026:0</id>
<link href="https://review.example/"/><link rel="self" href="https://review.example/atom.xml"/>
<updated>{_NOW.isoformat()}</updated>
{entries}</feed>"""


def make_summaries() -> str:
    """Return an RSS feed of short summaries with pictures, as large outlets give."""
    dice = random.Random(3)
    items = "".join(
        f"""<item><title><![CDATA[{_sentence(dice, 9)}]]></title>
<link>https://courier.example/{number}?at_medium=RSS&amp;at_campaign=feed</link>
<guid isPermaLink="true">https://courier.example/{number}</guid>
<pubDate>{format_datetime(_moment(number))}</pubDate><dc:creator>{dice.choice(_NAMES)}</dc:creator>
<description><![CDATA[<p>{_sentence(dice, 18)}</p><p>{_sentence(dice, 32)}</p>
<a href="/{number}">More</a>]]></description>
<media:content url="https://courier.example/{number}-240.jpg" medium="image" width="240" height="135"/>
<media:content url="https://courier.example/{number}-1024.jpg" medium="image" width="1024" height="576">
<media:credit>Lea Winther</media:credit><media:description>{escape(_sentence(dice, 8))}</media:description>
</media:content>{_categories(dice)}</item>
"""
        for number in range(ENTRIES)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>The Courier</title><link>https://courier.example/</link><language>en</language>
{items}</channel></rss>"""


def _categories(dice: random.Random) -> str:
    names = dice.sample(("World", "Harbours", "Councils", "Weather", "Islands", "Budgets", "Ferries"), 5)
    return "".join(
        f'<category domain="https://courier.example/{name.lower()}">{name}</category>' for name in names
    )


def _moment(number: int) -> datetime:
    return _NOW - timedelta(minutes=37 * number)


def _sentence(dice: random.Random, count: int) -> str:
    start = dice.randrange(len(_WORDS))
    words = [_WORDS[(start + step) % len(_WORDS)] for step in range(count)]
    return (" ".join(words).capitalize() + ".").replace("&", "and")


def _story(dice: random.Random, number: int) -> str:
    parts = []
    for place in range(12):
        parts.append(
            f'<p class="wp-block-paragraph" style="margin:0">{_sentence(dice, 15)} <a href="/tag/{number}">'
            f"{_sentence(dice, 4)}</a> {_sentence(dice, 20)} <em>{_sentence(dice, 3)}</em>&nbsp;"
            f"<strong>{_sentence(dice, 6)}</strong></p>\n"
        )
        if place % 4 == 0:
            parts.append(
                f'<figure class="wp-block-image"><img decoding="async" width="1024" height="683" '
                f'src="/files/{number}-{place}.jpg" alt="{_sentence(dice, 5)}" '
                f'srcset="/files/{number}-{place}.jpg 1024w, /files/{number}-{place}-300.jpg 300w" '
                f'sizes="(max-width: 1024px) 100vw, 1024px"/><figcaption>{_sentence(dice, 9)}</figcaption></figure>\n'
            )
    parts.append(
        f"<h2>{_sentence(dice, 5)}</h2><ul><li>{_sentence(dice, 8)}</li><li>{_sentence(dice, 8)}</li></ul>"
    )
    return "".join(parts)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start

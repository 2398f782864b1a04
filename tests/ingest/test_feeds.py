"""Feeds of every kind give their entries, whole and cleaned."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.ingest.feeds import MAX_ENTRIES, read_feed
from digest.model import Capture, DocumentKind, FeedEntry, Image

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Gazette &amp; Sons</title><link>https://gazette.example/</link>
<language>de-AT</language>
<item><title>One &lt;b&gt;bold&lt;/b&gt; ferry</title><link>/a</link><guid isPermaLink="false">g1</guid>
<pubDate>Wed, 05 Mar 2025 19:45:00 -0500</pubDate><dc:creator>Jane Doe</dc:creator><dc:creator>John Roe</dc:creator>
<category>Ferries</category><description>Short.</description>
<content:encoded><![CDATA[<p onclick="x()">Long <a href="/z">text</a><script>alert(1)</script>
<img src="p.jpg"></p>]]></content:encoded>
<media:content url="/p.jpg" medium="image" width="800" height="500"><media:credit>Ned Calloway</media:credit>
<media:description>At noon.</media:description></media:content></item>
<item><title>Two</title><link>https://gazette.example/b</link>
<enclosure url="https://gazette.example/b.jpg" type="image/jpeg"/></item>
<item><description>No title, and no date.</description></item>
<item></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Review</title><link href="https://review.example/"/>
<entry><id>urn:1</id><title type="html">Hi &amp;amp; ho</title><link href="/x"/>
<updated>2025-03-05T19:45:00+02:00</updated>
<author><name>Jane Doe</name></author><author><name>John Roe</name></author>
<content type="html">&lt;p&gt;All of it.&lt;/p&gt;</content><summary>Some of it.</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Old</title><link>https://old.example/</link></channel>
<item rdf:about="https://old.example/1"><title>Still here</title><link>https://old.example/1</link>
<dc:date>2025-03-05T19:45:00+01:00</dc:date></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Json",
        "home_page_url": "https://json.example/",
        "language": "fr",
        "items": [
            {
                "id": "1",
                "url": "https://json.example/1",
                "title": "Un",
                "content_html": "<p>Oui.</p>",
                "image": "https://json.example/i.jpg",
                "date_published": "2025-03-05T19:45:00-05:00",
                "authors": [{"name": "Zoé"}, {"name": "Yann"}],
                "tags": ["q"],
            },
            {"id": "2"},
        ],
    }
)


def feed(text: str | bytes, *, url: str | None = "https://gazette.example/feed") -> Capture:
    """Return the capture of a feed."""
    content = text.encode() if isinstance(text, str) else text
    return Capture(source="gazette", kind=DocumentKind.FEED, content=content, fetched_at=NOW, url=url)


def entries(text: str | bytes) -> list[FeedEntry]:
    """Return the entries of a feed."""
    return read_feed(feed(text))[0]


def test_rss_entry_is_read_whole() -> None:
    first = entries(RSS)[0]

    assert (first.title, first.url, first.guid) == ("One bold ferry", "https://gazette.example/a", "g1")
    assert first.published_at is not None
    assert first.published_at.isoformat() == "2025-03-05T19:45:00-05:00"
    assert (first.authors, first.tags) == (("Jane Doe", "John Roe"), ("Ferries",))
    assert (first.site, first.language, first.summary) == ("Gazette & Sons", "de", "Short.")
    assert first.image == Image(
        url="https://gazette.example/p.jpg", caption="At noon.", credit="Ned Calloway", width=800, height=500
    )


def test_markup_is_cleaned_and_its_links_are_absolute() -> None:
    html = entries(RSS)[0].html

    assert '<a href="https://gazette.example/z">text</a>' in html
    assert 'src="https://gazette.example/p.jpg"' in html
    for bad in ("script", "alert", "onclick"):
        assert bad not in html


def test_enclosure_is_a_picture() -> None:
    assert entries(RSS)[1].image == Image(url="https://gazette.example/b.jpg")


def test_entry_without_title_date_and_address_survives() -> None:
    third = entries(RSS)[2]

    assert (third.title, third.url, third.published_at, third.html) == (
        "",
        None,
        None,
        "No title, and no date.",
    )


def test_entry_with_nothing_in_it_is_a_failure_and_costs_no_other() -> None:
    found, failures = read_feed(feed(RSS))

    assert len(found) == 3
    assert [failure.message for failure in failures] == [
        "gazette has an entry (number 4) without title, text and link."
    ]


def test_atom_entry_is_read_whole() -> None:
    entry = entries(ATOM)[0]

    assert (entry.title, entry.url) == ("Hi & ho", "https://review.example/x")
    assert entry.authors == ("Jane Doe", "John Roe")
    assert entry.published_at is not None
    assert entry.published_at.isoformat() == "2025-03-05T19:45:00+02:00"
    assert (entry.html, entry.summary, entry.language) == ("<p>All of it.</p>", "Some of it.", "en")


def test_rss_1_entry_is_read() -> None:
    entry = entries(RDF)[0]

    assert (entry.title, entry.url) == ("Still here", "https://old.example/1")
    assert entry.published_at is not None
    assert entry.published_at.isoformat() == "2025-03-05T19:45:00+01:00"


def test_json_feed_entry_is_read_whole() -> None:
    entry = entries(JSON_FEED)[0]

    assert (entry.title, entry.url, entry.html) == ("Un", "https://json.example/1", "<p>Oui.</p>")
    assert (entry.authors, entry.tags, entry.language) == (("Zoé", "Yann"), ("q",), "fr")
    assert entry.image == Image(url="https://json.example/i.jpg")
    assert entry.published_at is not None
    assert entry.published_at.isoformat() == "2025-03-05T19:45:00-05:00"


def test_feed_that_is_not_well_formed_is_read_leniently() -> None:
    broken = "<rss><channel><item><title>a & b<br></title><link>http://x.example/</link></item>"

    assert [(entry.title, entry.url) for entry in entries(broken)] == [("a & b", "http://x.example/")]


def test_wrong_declaration_of_the_encoding_is_seen_through() -> None:
    latin = RSS.replace("Two", "Grüße").replace('encoding="utf-8"', 'encoding="us-ascii"').encode("cp1252")

    assert entries(latin)[1].title == "Grüße"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<rss version='2.0'><channel><title>t</title></channel></rss>", "without entries"),
        ('{"version": "x", "items": []}', "without entries"),
        ("Just a note to the desk.", "cannot be read as a feed"),
        ("", "cannot be read as a feed"),
    ],
)
def test_feed_without_entries_is_a_failure_with_a_sentence(text: str, says: str) -> None:
    found, failures = read_feed(feed(text))

    assert found == []
    assert len(failures) == 1
    assert says in failures[0].message


def test_entities_are_not_expanded() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"><channel><item><title>&b;</title>'
        "<link>http://x.example/</link></item></channel></rss>"
    )

    assert "ha" not in (entries(bomb)[0].title if entries(bomb) else "")


def test_very_long_feed_is_cut_and_says_so() -> None:
    item = "<item><title>a</title><link>http://x.example/1</link></item>"

    found, failures = read_feed(
        feed(f"<rss version='2.0'><channel>{item * (MAX_ENTRIES + 5)}</channel></rss>")
    )

    assert len(found) == MAX_ENTRIES
    assert "more than" in failures[0].message


def test_deeply_nested_markup_keeps_its_text() -> None:
    text = "&lt;div&gt;" * 5000 + "Still here."
    item = f"<item><title>a</title><description>{text}</description></item>"

    assert entries(f"<rss version='2.0'><channel>{item}</channel></rss>")[0].html == "Still here."


@given(
    st.binary(max_size=2000),
    st.sampled_from(
        [b"", b"<rss><channel><item>", b"<feed><entry><title>", b'{"items":[', b"<?xml version='1.0'?>"]
    ),
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_without_an_error(content: bytes, start: bytes) -> None:
    found, failures = read_feed(feed(start + content))

    assert found or failures

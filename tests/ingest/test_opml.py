"""Lists of feeds are read as loosely as readers write them, refused where hostile, and written to be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.errors import SourceError
from digest.ingest.opml import (
    MAX_FEEDS,
    FeedList,
    ListedFeed,
    address_key,
    read_opml,
    source_name,
    write_opml,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAIN = """<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="City"><outline text="Gazette" type="rss" xmlUrl="https://gazette.example/feed"/>
<outline text="Water"><outline title="Harbor &amp; Quay" xmlUrl="https://harbor.example/rss?a=1&amp;b=2"/></outline>
</outline><outline text="Courier" xmlUrl="https://courier.example/atom.xml" htmlUrl="https://courier.example/"/>
</body></opml>"""


def read(text: str | bytes) -> FeedList:
    return read_opml(text if isinstance(text, bytes) else text.encode(), subject="list.opml")


def in_body(outlines: str) -> str:
    return f'<opml version="1.0"><head/><body>{outlines}</body></opml>'


def test_feeds_come_in_order_with_the_innermost_folder_as_their_section() -> None:
    assert read(PLAIN).feeds == (
        ListedFeed(url="https://gazette.example/feed", title="Gazette", section="City"),
        ListedFeed(url="https://harbor.example/rss?a=1&b=2", title="Harbor & Quay", section="Water"),
        ListedFeed(url="https://courier.example/atom.xml", title="Courier"),
    )


@pytest.mark.parametrize(
    ("outline", "feed"),
    [
        (
            '<outline XMLURL="https://a.example/f" TEXT="A"/>',
            ListedFeed(url="https://a.example/f", title="A"),
        ),
        ('<outline xmlurl="https://a.example/f"/>', ListedFeed(url="https://a.example/f")),
        (
            '<outline title="A" xmlUrl=" https://a.example/f "/>',
            ListedFeed(url="https://a.example/f", title="A"),
        ),
        ('<outline text="A" xmlUrl="feed://a.example/f"/>', ListedFeed(url="https://a.example/f", title="A")),
        (
            '<outline text="A" xmlUrl="feed:http://a.example/f"/>',
            ListedFeed(url="http://a.example/f", title="A"),
        ),
        (
            '<outline text="Q&A" xmlUrl="https://a.example/?a=1&b=2&copy=3"/>',
            ListedFeed(url="https://a.example/?a=1&b=2&copy=3", title="Q&A"),
        ),
        (
            '<outline text="Caf&eacute;&nbsp;News" xmlUrl="https://a.example/f"/>',
            ListedFeed(url="https://a.example/f", title="Café News"),
        ),
        (
            '<outline text="A" category="/News/City,/x" xmlUrl="https://a.example/f"/>',
            ListedFeed(url="https://a.example/f", title="A", section="City"),
        ),
        (
            '<outline text="A\x0b\x01\nB" xmlUrl="https://a.example/f"/>',
            ListedFeed(url="https://a.example/f", title="A B"),
        ),
        (
            '<o:outline text="A" xmlUrl="https://a.example/f"/>',
            ListedFeed(url="https://a.example/f", title="A"),
        ),
        (
            '<o:outline xmlns:o="x" text="A" xmlUrl="https://a.example/f"/>',
            ListedFeed(url="https://a.example/f", title="A"),
        ),
    ],
)
def test_list_is_read_as_loosely_as_it_was_written(outline: str, feed: ListedFeed) -> None:
    assert read(in_body(outline)).feeds == (feed,)


def test_feed_that_holds_outlines_is_no_folder() -> None:
    text = in_body(
        '<outline text="Sea"><outline text="A" xmlUrl="https://a.example/f">'
        '<outline text="B" xmlUrl="https://b.example/f"/></outline></outline>'
    )

    assert [feed.section for feed in read(text).feeds] == ["Sea", "Sea"]


def test_feed_listed_twice_is_one() -> None:
    text = in_body(
        '<outline text="A" xmlUrl="https://a.example/f"/><outline text="B" xmlUrl="http://www.A.example/f/"/>'
    )

    assert [feed.title for feed in read(text).feeds] == ["A"]


@pytest.mark.parametrize(
    "address", ["ftp://a.example/f", "javascript:alert(1)", "/feed", "https://", "https://[x"]
)
def test_address_that_cannot_be_fetched_is_named(address: str) -> None:
    found = read(in_body(f'<outline xmlUrl="{address}"/><outline xmlUrl="https://a.example/f"/>'))

    assert found.refused == (address,)
    assert len(found.feeds) == 1


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.replace("Gazette", "Grüße").encode("cp1252"),
        PLAIN.replace("Gazette", "Grüße").replace("UTF-8", "ISO-8859-1").encode("utf-8"),
        PLAIN.replace("Gazette", "Grüße").replace("UTF-8", "nonsense-9").encode("utf-8"),
        PLAIN.replace("Gazette", "Grüße").encode("utf-16"),
        b"\xef\xbb\xbf" + PLAIN.replace("Gazette", "Grüße").encode("utf-8"),
    ],
)
def test_wrong_or_missing_encoding_costs_no_letter(content: bytes) -> None:
    assert read(content).feeds[0].title == "Grüße"


def test_list_that_was_cut_off_gives_what_it_still_has() -> None:
    assert len(read(PLAIN[: PLAIN.index('<outline text="Courier')]).feeds) == 2


LAUGHS = (
    '<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "'
    + "&a;" * 50
    + '"><!ENTITY c "'
    + "&b;" * 50
    + '">]>'
    + in_body('<outline text="&c;" xmlUrl="https://a.example/f"/>')
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no OPML"),
        ("just words", "is no OPML"),
        ("<html><body>x</body></html>", "is no OPML"),
        ("<rss><channel/></rss>", "is no OPML"),
        ("\x00\x01\x02", "is no OPML"),
        (in_body(""), "lists no feed"),
        (in_body('<outline text="a folder"/>'), "lists no feed"),
        (LAUGHS, "declares entities"),
        (LAUGHS.replace("<!ENTITY", "<!entity"), "declares entities"),
        (
            in_body("".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(MAX_FEEDS + 1))),
            "more than",
        ),
        (in_body("<outline>" * 5000 + '<outline xmlUrl="https://a.example/f"/>'), "lists no feed"),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(text: str, says: str) -> None:
    with pytest.raises(SourceError, match=says) as problem:
        read(text)

    assert str(problem.value).startswith("list.opml")
    assert str(problem.value).endswith(".")


def test_written_list_reads_as_it_was() -> None:
    feeds = (
        ListedFeed(url="https://a.example/f?x=1&y=<2>", title='The "A" & <B>', name="the-a"),
        ListedFeed(url="https://b.example/f", title="b", section="City & Sea", name="b", weight=2.5),
        ListedFeed(url="https://c.example/f", title="C_1", section="City & Sea", name="C_1"),
    )

    text = write_opml(feeds, title="Mine & yours", now=NOW)
    found = read(text).feeds

    assert [(feed.url, feed.title, feed.section, feed.weight) for feed in found] == [
        (feed.url, feed.title, feed.section, feed.weight) for feed in feeds
    ]
    assert [feed.name for feed in found] == ["the-a", "", "C_1"]
    assert text.count('<outline text="City &amp; Sea"') == 1
    assert "<dateCreated>Tue, 24 Nov 2026 12:00:00 +0000</dateCreated>" in text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Harbor Gazette", "the-harbor-gazette"),
        ("Zürich — Tageblatt!", "zurich-tageblatt"),
        ("東京新報", "東京新報"),
        ("हिन्दी समाचार", "हिन्दी-समाचार"),
        ("፩ News ㊿", "news-50"),
        ("", "feeds.a.example"),
        ("!!!", "feeds.a.example"),
        ("x" * 200, "x" * 60),
        ("gazette", "gazette-3"),
    ],
)
def test_name_is_made_of_the_title_and_is_not_taken(title: str, name: str) -> None:
    taken = {"gazette", "gazette-2"}

    assert source_name(title, url="https://feeds.a.example/f", taken=taken) == name


def test_spellings_of_one_address_are_one() -> None:
    keys = {
        address_key(url)
        for url in (
            "http://A.example/f",
            "https://www.a.example/f/",
            "https://a.example:443/f",
            "http://a.example:80/f",
        )
    }

    assert len(keys) == 1
    assert address_key("https://a.example/f?a=1") != address_key("https://a.example/f?a=2")

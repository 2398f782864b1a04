"""Feeds as they really come: each way of being wrong costs one entry at most, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.charset import find_encoding
from digest.ingest.feed_date import parse_feed_date
from digest.ingest.feed_repair import repaired
from digest.ingest.feeds import read_feed
from digest.model import Capture, DocumentKind, Failure, FeedEntry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
UMLAUTS = "Grüße aus Brackwater – “bis bald”"


def rss(items: str, *, namespaces: str = NAMESPACES) -> str:
    """Return an RSS feed with these items."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {namespaces}><channel><title>Gazette</title>'
        f"<link>https://gazette.example/</link>{items}</channel></rss>"
    )


def item(inner: str) -> str:
    """Return an RSS feed of one item with a title and a link."""
    return rss(f"<item><title>A pier</title><link>/pier</link>{inner}</item>")


def atom(entry: str, *, attributes: str = "") -> str:
    """Return an Atom feed of one entry."""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Review</title>'
        f'<link href="https://review.example/"/><entry>{entry}</entry></feed>'
    )


def read(content: str | bytes, *, content_type: str = "") -> tuple[list[FeedEntry], list[Failure]]:
    """Return the entries and failures of a feed as it would be fetched."""
    content = content.encode() if isinstance(content, str) else content
    return read_feed(
        Capture(
            source="gazette",
            kind=DocumentKind.FEED,
            content=content,
            fetched_at=NOW,
            url="https://gazette.example/feed",
            encoding=find_encoding(content, content_type=content_type),
        )
    )


def first(content: str | bytes) -> FeedEntry:
    """Return the first entry of a feed."""
    return read(content)[0][0]


def test_guid_that_is_no_permalink_is_no_address() -> None:
    found, _ = read(
        rss(
            '<item><title>A</title><guid isPermaLink="false">https://gazette.example/?p=1</guid></item>'
            "<item><title>B</title><guid>https://gazette.example/b</guid></item>"
        )
    )

    assert [entry.url for entry in found] == [None, "https://gazette.example/b"]


def test_entries_that_share_a_guid_are_all_kept() -> None:
    found, _ = read(
        rss("".join(f"<item><title>{name}</title><link>/{name}</link><guid>1</guid></item>" for name in "ab"))
    )

    assert [entry.url for entry in found] == ["https://gazette.example/a", "https://gazette.example/b"]


def test_link_to_the_page_is_told_from_those_to_itself_and_to_a_picture() -> None:
    entry = first(
        atom(
            '<title>T</title><link rel="self" href="/self"/><link rel="enclosure" type="image/jpeg" href="/e.jpg"/>'
            '<link rel="alternate" type="application/json" href="/json"/>'
            '<link rel="alternate" type="text/html" href="/html"/>'
        )
    )

    assert entry.url == "https://review.example/html"
    assert entry.image is not None
    assert entry.image.url == "https://review.example/e.jpg"


def test_address_before_a_counter_took_its_place_is_preferred() -> None:
    entry = first(
        rss(
            "<item><title>A</title><link>https://count.example/1</link>"
            '<x:origLink xmlns:x="http://counter.example/ns">https://gazette.example/1</x:origLink></item>'
        )
    )

    assert entry.url == "https://gazette.example/1"


def test_xml_base_is_where_relative_addresses_start() -> None:
    entry = first(
        atom(
            '<title>T</title><link href="2026/one"/><content type="html" xml:base="deep/">'
            '&lt;img src="p.jpg"&gt;&lt;a href="../q"&gt;q&lt;/a&gt;</content>',
            attributes='xml:base="https://base.example/news/"',
        )
    )

    assert entry.url == "https://base.example/news/2026/one"
    assert 'src="https://base.example/news/deep/p.jpg"' in entry.html
    assert 'href="https://base.example/news/q"' in entry.html


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<![CDATA[Fish &amp;amp; chips &#8217;tis]]>", "Fish & chips ’tis"),
        ("<![CDATA[A &lt;b&gt;bold&lt;/b&gt; pier]]>", "A bold pier"),
        ("A <b>bold</b> pier", "A bold pier"),
        ("Q&amp;amp;A: I &amp;lt;3 boats", "Q&A: I <3 boats"),
        ("&lt;i&gt;Ferry&lt;/i&gt;: a review", "Ferry: a review"),
        ("One\n  line", "One line"),
    ],
)
def test_title_is_read_as_people_see_it(title: str, expected: str) -> None:
    assert first(rss(f"<item><title>{title}</title></item>")).title == expected


def test_prefixes_may_be_any() -> None:
    entry = first(
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:q="http://purl.org/rss/1.0/" '
        'xmlns:z="http://purl.org/dc/elements/1.1/" xmlns:b="http://purl.org/rss/1.0/modules/content/">'
        "<q:channel><q:title>t</q:title><q:link>https://old.example/</q:link></q:channel><q:item><q:title>One</q:title>"
        "<q:link>/x</q:link><z:creator>Jane Doe</z:creator><b:encoded>&lt;p&gt;Hi.&lt;/p&gt;</b:encoded>"
        "</q:item></r:RDF>"
    )

    assert (entry.title, entry.url, entry.authors, entry.html) == (
        "One",
        "https://old.example/x",
        ("Jane Doe",),
        "<p>Hi.</p>",
    )


def test_prefixes_need_not_be_declared() -> None:
    entry = first(
        rss(
            "<item><title>T</title><media:title>Of the picture</media:title><dc:creator>Jane Doe</dc:creator>"
            "<content:encoded><![CDATA[<p>All.</p>]]></content:encoded></item>",
            namespaces="",
        )
    )

    assert (entry.title, entry.authors, entry.html) == ("T", ("Jane Doe",), "<p>All.</p>")


def test_titles_and_texts_of_other_namespaces_are_not_the_entrys() -> None:
    entry = first(
        item(
            "<media:description>Of the picture.</media:description>"
            '<x:title xmlns:x="http://x.example/">No</x:title>'
            '<x:description xmlns:x="http://x.example/">No.</x:description><description>Yes.</description>'
        )
    )

    assert (entry.title, entry.html) == ("A pier", "Yes.")


def test_text_in_the_description_alone_is_the_entrys_html_and_no_summary() -> None:
    entry = first(item("<description>&lt;p&gt;All of it.&lt;/p&gt;</description>"))

    assert (entry.html, entry.summary) == ("<p>All of it.</p>", "")


def test_xhtml_is_read_with_and_without_a_prefix() -> None:
    plain = atom(
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>new</em> pier</div></title>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two &lt; three</p><a name="x"/>'
        '<img src="/p.jpg"/></div></content>'
    )
    prefixed = atom(
        '<title type="xhtml"><h:div>A <h:em>new</h:em> pier</h:div></title><content type="xhtml"><h:div>'
        '<h:p>One<h:br/>two &lt; three</h:p><h:a name="x"/><h:img src="/p.jpg"/></h:div></content>',
        attributes='xmlns:h="http://www.w3.org/1999/xhtml"',
    )

    assert first(plain).title == first(prefixed).title == "A new pier"
    assert first(plain).html == first(prefixed).html
    assert first(plain).html == (
        '<div><p>One<br>two &lt; three</p><a></a><img src="https://review.example/p.jpg"></div>'
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Wed, 05 Mar 2025 19:45:00", "2025-03-05T19:45:00"),
        ("Wed, 05 Mar 2025 19:45:00 EST", "2025-03-05T19:45:00-05:00"),
        ("Wed, 05 Mar 2025 19:45:00 CEST", "2025-03-05T19:45:00+02:00"),
        ("05 Mar 25 19:45 +0100", "2025-03-05T19:45:00+01:00"),
        ("Fri, 05 Mar 2025 19:45:00 GMT", "2025-03-05T19:45:00+00:00"),
        ("Mi, 05 Mär 2025 19:45:00 +0100", "2025-03-05T19:45:00+01:00"),
        ("mer., 5 mars 2025 19:45:00 +0100", "2025-03-05T19:45:00+01:00"),
        ("5 août 2025 à 19h45", "2025-08-05T19:45:00"),
        ("2025-03-05T19:45", "2025-03-05T19:45:00"),
        ("2025-03-05 19:45:00 +0100", "2025-03-05T19:45:00+01:00"),
        ("1741203900", "2025-03-05T19:45:00+00:00"),
        ("March 5, 2025 7:45 PM", "2025-03-05T19:45:00"),
        ("Wed Mar  5 19:45:00 2025", "2025-03-05T19:45:00"),
        ("05.03.2025 19:45", "2025-03-05T19:45:00"),
        ("2025/03/05 19:45:00", "2025-03-05T19:45:00"),
        ("Wed, 5 Mar 2025 19:45:00 GMT+0100", "2025-03-05T19:45:00+01:00"),
        ("Wed, 05 Mar 2025 24:00:00 +0000", "2025-03-06T00:00:00+00:00"),
        ("2025-03-05T19:45:00.123-05:00", "2025-03-05T19:45:00.123000-05:00"),
    ],
)
def test_date_is_read_however_it_is_written(written: str, expected: str) -> None:
    moment = parse_feed_date(written)

    assert moment is not None
    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    "written", ["yesterday", "", "12345", "Wed, 45 Mar 2025 19:45:00 GMT", "00.00.2025", "2025-13-45"]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert parse_feed_date(written) is None


@pytest.mark.parametrize("date", ["Tue, 01 Jan 2030 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 +0000"])
def test_date_at_which_nothing_can_have_been_published_gives_way_to_the_next(date: str) -> None:
    updated = "<atom:updated>2026-11-23T08:00:00Z</atom:updated>"

    assert first(item(f"<pubDate>{date}</pubDate>")).published_at is None
    assert first(item(f"<pubDate>{date}</pubDate>{updated}")).published_at == datetime(
        2026, 11, 23, 8, tzinfo=UTC
    )


def test_no_date_is_made_of_a_guid() -> None:
    assert first(item("<guid>2025</guid>")).published_at is None


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<author>desk@gazette.example (Jane Doe)</author>", ("Jane Doe",)),
        ("<author>desk@gazette.example</author>", ()),
        ("<dc:creator>Jane Doe</dc:creator><dc:creator>John Roe</dc:creator>", ("Jane Doe", "John Roe")),
        ("<dc:creator>Jane Doe</dc:creator><author>desk@gazette.example</author>", ("Jane Doe",)),
        ("<atom:author><atom:name>Jane Doe</atom:name></atom:author>", ("Jane Doe",)),
        ("<itunes:author>Jane Doe</itunes:author>", ("Jane Doe",)),
    ],
)
def test_authors_are_names(markup: str, expected: tuple[str, ...]) -> None:
    assert first(item(markup)).authors == expected


def test_widest_picture_of_a_group_is_taken_with_the_groups_caption_and_the_photographer() -> None:
    image = first(
        item(
            '<media:group><media:credit role="author">The desk</media:credit>'
            '<media:credit role="photographer">Ned Calloway</media:credit>'
            '<media:content url="/s.jpg" type="image/jpeg" width="200"/>'
            '<media:content url="/l.jpg" type="image/jpeg" width="900"/>'
            '<media:content url="/v.mp4" type="video/mp4" width="1900"><media:thumbnail url="/t.jpg" width="1800"/>'
            "</media:content></media:group><media:description>At &lt;i&gt;noon&lt;/i&gt;.</media:description>"
        )
    ).image

    assert image is not None
    assert (image.url, image.width, image.caption, image.credit) == (
        "https://gazette.example/l.jpg",
        900,
        "At noon.",
        "Ned Calloway",
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<itunes:image href="/cover.jpg"/>', "https://gazette.example/cover.jpg"),
        ('<media:thumbnail url="/t.jpg"/>', "https://gazette.example/t.jpg"),
        ('<enclosure url="/e.jpg?w=1"/>', "https://gazette.example/e.jpg?w=1"),
        ('<enclosure url="/e.mp3" type="audio/mpeg"/>', None),
        ("<image><url>/i.jpg</url></image>", "https://gazette.example/i.jpg"),
        (
            '<media:content url="https://faces.example/avatar/1" medium="image"/>',
            None,
        ),
        ('<dc:creator>Jane</dc:creator><media:content url="/1" medium="image"><media:title>Jane</media:title>'
         "</media:content>", None),
        ('<media:thumbnail url="/dot.gif" width="1" height="1"/>', None),
        ('<media:content url="javascript:alert(1)" medium="image"/>', None),
    ],
)  # fmt: skip
def test_picture_beside_the_text_is_found_and_none_is_made_of_a_face_or_a_counter(
    markup: str, expected: str | None
) -> None:
    image = first(item(markup)).image

    assert (image.url if image else None) == expected


@pytest.mark.parametrize(
    ("declared", "codec", "content_type"),
    [
        ('encoding="utf-8"', "utf-8", "text/xml; charset=iso-8859-1"),
        ('encoding="utf-8"', "utf-8-sig", ""),
        ('encoding="utf-16"', "utf-16", ""),
        ('encoding="utf-8"', "cp1252", ""),
        ('encoding="iso-8859-1"', "cp1252", ""),
        ("", "cp1252", ""),
        ('encoding="no-such"', "utf-8", "text/xml; charset=no-such"),
    ],
)
def test_encoding_is_seen_through(declared: str, codec: str, content_type: str) -> None:
    text = rss(f"<item><title>{UMLAUTS}</title></item>").replace('encoding="utf-8"', declared)

    found, _ = read(text.encode(codec), content_type=content_type)

    assert found[0].title == UMLAUTS


def test_bytes_that_are_no_character_cost_themselves_alone() -> None:
    content = rss(f"<item><title>{UMLAUTS * 20} X</title><link>/1</link></item>").encode()

    entry = first(content.replace(b" X<", b" \xff<"))

    assert entry.title.startswith(UMLAUTS)
    assert entry.url == "https://gazette.example/1"


def test_what_stands_before_the_feed_is_passed_over() -> None:
    assert first("\n <br />\n<b>Warning</b>: no cache in line 3\n" + item("")).title == "A pier"


def test_page_in_a_feeds_place_is_told_with_the_feed_it_names() -> None:
    found, failures = read(
        '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head>'
        "<body><p>Welcome</p></body></html>"
    )

    assert found == []
    assert [failure.message for failure in failures] == [
        "gazette is a web page, not a feed. The page names this feed: https://gazette.example/feed.xml. "
        "Use that address."
    ]


def test_page_that_names_no_feed_is_told_so() -> None:
    _, failures = read("<html><body><p>Welcome</p></body></html>")

    assert "is a web page, not a feed, and names none" in failures[0].message


@pytest.mark.parametrize(
    "end", ["<item><title>Half a ti", "<item><title>B</title><description><![CDATA[half a te"]
)
def test_feed_that_breaks_off_keeps_what_came_before_and_says_so(end: str) -> None:
    whole = rss("<item><title>A</title><link>/1</link></item>")

    found, failures = read(whole.removesuffix("</channel></rss>") + end)

    assert [entry.title for entry in found] == ["A"]
    assert failures[0].message == "gazette breaks off inside its last entry, which was left out."


def test_what_xml_forbids_costs_nothing() -> None:
    found, _ = read(
        rss(
            "<item><title>A&nbsp;pier &copy; AT&T 5 < 6 \x08</title><link>https://x.example/?a=1&b=2</link>"
            "<description><p>One<br>two</p></description></item>"
            "<item><title>B</title><link><![CDATA[https://x.example/?a=1&b=2]]></link></item>"
        )
    )

    assert [entry.title for entry in found] == ["A pier © AT&T 5 < 6", "B"]
    assert {entry.url for entry in found} == {"https://x.example/?a=1&b=2"}
    assert found[0].html == "<p>One<br>two</p>"


def test_elements_in_capitals_are_read() -> None:
    shouted = item("").replace("item", "ITEM").replace("channel", "CHANNEL").replace("title", "TITLE")

    assert first(shouted).title == "A pier"


def test_billion_laughs_are_refused() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>' + item("<category>&l11;</category>").partition("?>")[2]
    )

    found, failures = read(bomb)

    assert found == []
    assert "declares entities" in failures[0].message


def test_document_type_with_entities_that_are_harmless_is_read() -> None:
    declared = (
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + item("<category>A&nbsp;b</category>").partition("?>")[2]
    )

    assert first(declared).tags == ("A b",)


def test_script_forms_frames_and_counters_are_removed() -> None:
    markup = (
        '<p style="x">Told<script>alert(1)</script> <a href="javascript:alert(1)" onclick="x()">here</a>'
        '<iframe src="/f">No frames</iframe><style>p{}</style></p><form><label>Your mail</label><input></form>'
        '<img src="/count.gif" width="1" height="1"><img src="/count2" style="display:none" alt="a > b">'
        '<img src="/pier.jpg" srcset="/a.jpg 1x, b.jpg 2x" style="width: 100px">'
    )

    html = first(item(f"<description><![CDATA[{markup}]]></description>")).html

    assert html == (
        '<p>Told <a>here</a></p><img src="https://gazette.example/pier.jpg" '
        'srcset="https://gazette.example/a.jpg 1x, https://gazette.example/b.jpg 2x">'
    )


def test_address_of_an_entry_cannot_smuggle_markup_into_its_html() -> None:
    entry = first(
        rss(
            '<item><title>T</title><link>https://x.example/"onerror=alert(1)//</link>'
            "<description>&lt;img src='a.jpg'&gt;</description></item>"
        )
    )

    assert entry.html.count('"') == 2


def test_text_without_markup_keeps_its_paragraphs() -> None:
    assert first(item("<description>One.\n\nTwo &amp;amp; three.</description>")).html == (
        "<p>One.</p><p>Two &amp; three.</p>"
    )


def test_markup_that_was_escaped_twice_is_markup() -> None:
    assert (
        first(item("<description>&amp;lt;p&amp;gt;Told.&amp;lt;/p&amp;gt;</description>")).html
        == "<p>Told.</p>"
    )


def test_repair_leaves_a_sound_feed_as_it_is() -> None:
    sound = item(
        "<description><![CDATA[<p>a & b < c</p>]]></description><category>x &amp; y &#252;</category>"
    )

    assert repaired(sound) == sound


@pytest.mark.parametrize(
    "content",
    [
        "<rss><channel></category><ITEM></category>",
        "<rlns:dcc:x><item/></rlns:dcc:x>",
        item('<media:content url="/a.jpg" medium="image" width="5²6"/>'),
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="::["><entry><link href="a"/></entry></feed>',
    ],
)
def test_what_made_a_parser_stumble_is_read_or_refused(content: str) -> None:
    found, failures = read(content)

    assert found or failures


@given(st.text(alphabet="<>/&;![]CDATA \n\"'=abimgtitleemns:\x08", max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_markup_in_an_entry_is_read_and_cleaned(markup: str) -> None:
    found, _ = read(rss(f"<item><title>First</title></item><item><description>{markup}</description></item>"))

    assert found[0].title == "First"
    assert all("<script" not in entry.html for entry in found)


@pytest.mark.parametrize("written", ["14 мая 2025 10:15", "14 maja 2025 10:15", "14 Mayıs 2025 10:15"])
def test_months_are_known_in_the_languages_of_pages(written: str) -> None:
    moment = parse_feed_date(written)

    assert moment is not None
    assert (moment.year, moment.month, moment.day, moment.hour) == (2025, 5, 14, 10)

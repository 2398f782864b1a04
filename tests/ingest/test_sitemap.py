"""Sitemaps are read whatever their namespaces, and hostile ones are refused."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.ingest.documents import open_documents
from digest.ingest.sitemap import MAX_ENTRIES, ListedSitemap, Sitemap, read_sitemap
from digest.model import Capture, DocumentKind, FeedEntry, Image

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/sitemap.xsl"?>
<urlset {SPACES}><!-- made hourly -->
<url><loc> https://gazette.example/ferry?a=1&amp;b=2 </loc><lastmod>2026-11-24T11:00:00Z</lastmod>
<news:news><news:publication><news:name>The Gazette</news:name><news:language>de-AT</news:language>
</news:publication><news:publication_date>2026-11-24T06:30:00-05:00</news:publication_date>
<news:title>Ferry &amp;amp; fog: a caf&amp;eacute; waits</news:title><news:keywords>Ferry, Fog,, Ferry</news:keywords>
</news:news><image:image><image:loc>/pictures/ferry.jpg</image:loc><image:title>A ferry</image:title>
<image:caption><![CDATA[The ferry <b>at dawn</b>.]]></image:caption></image:image>
<image:image><image:loc>https://gazette.example/second.jpg</image:loc></image:image></url>
<url><loc>https://gazette.example/plain</loc><lastmod>2026-11-20</lastmod></url>
<url><loc>mailto:a@b.example</loc></url><url></url></urlset>"""
INDEX = f"""<sitemapindex {SPACES}><sitemap><loc>https://gazette.example/news.xml.gz</loc>
<lastmod>2026-11-24</lastmod></sitemap><sitemap><loc>/older.xml</loc></sitemap></sitemapindex>"""


def capture(text: str | bytes) -> Capture:
    content = text if isinstance(text, bytes) else text.encode()
    return Capture(
        source="map.xml",
        kind=DocumentKind.SITEMAP,
        content=content,
        fetched_at=NOW,
        url="https://gazette.example/map.xml",
    )


def read(text: str | bytes) -> Sitemap:
    return read_sitemap(capture(text))


def test_news_entry_is_read_whole() -> None:
    news, plain = read(NEWS).pages

    assert news.entry == FeedEntry(
        title="Ferry & fog: a café waits",
        url="https://gazette.example/ferry?a=1&b=2",
        published_at=datetime.fromisoformat("2026-11-24T06:30:00-05:00"),
        tags=("Ferry", "Fog"),
        language="de",
        site="The Gazette",
        image=Image(
            url="https://gazette.example/pictures/ferry.jpg", alt="A ferry", caption="The ferry at dawn."
        ),
    )
    assert news.entry.published_at is not None
    assert news.entry.published_at.isoformat() == "2026-11-24T06:30:00-05:00"
    assert (news.is_news, plain.is_news) == (True, False)


def test_change_is_not_publication() -> None:
    plain = read(NEWS).pages[1]

    assert plain.entry.published_at is None
    assert plain.dated == plain.changed_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_picture_without_a_caption_has_not_the_next_one_s() -> None:
    text = NEWS.replace("<image:title>A ferry</image:title>\n", "").replace("ferry.jpg", "pier.jpg")
    text = re.sub(r"<image:caption>.*?</image:caption>", "", text)
    text = text.replace(
        "second.jpg</image:loc>", "second.jpg</image:loc><image:caption>Of the second.</image:caption>"
    )

    assert read(text).pages[0].entry.image == Image(url="https://gazette.example/pictures/pier.jpg")


def test_date_that_cannot_be_is_none_and_the_page_still_counts_as_dated() -> None:
    news = read(NEWS.replace("2026-11-24T06:30:00-05:00", "2062-11-24T06:30:00")).pages[0]
    undated = re.sub(r"<lastmod>[^<]*</lastmod>", "", NEWS)
    late = read(undated.replace("2026-11-24T06:30:00-05:00", "2062-11-24T06:30:00")).pages[0]

    for page in (news, late):
        assert (page.entry.published_at, page.entry.published_at_assumed) == (None, False)
    assert news.dated == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert late.dated == datetime(2062, 11, 24, 6, 30, tzinfo=UTC)


def test_index_names_its_sitemaps() -> None:
    found = read(INDEX)

    assert found.pages == ()
    assert found.children == (
        ListedSitemap(
            url="https://gazette.example/news.xml.gz", changed_at=datetime(2026, 11, 24, tzinfo=UTC)
        ),
        ListedSitemap(url="https://gazette.example/older.xml"),
    )


@pytest.mark.parametrize(
    "text",
    [
        NEWS.replace(SPACES, ""),
        NEWS.replace("sitemaps.org", "google.com").replace("news:", "n:"),
        NEWS.replace("<urlset", "<x:urlset").replace("</urlset", "</x:urlset"),
        NEWS.replace("&amp;b", "&b"),
        NEWS.replace('encoding="UTF-8"', 'encoding="nonsense"'),
        "\ufeff\n" + NEWS,
        NEWS.replace("A ferry", "A \x0b\x1fferry"),
        NEWS.removesuffix("</urlset>"),
    ],
)
def test_careless_sitemap_is_read_all_the_same(text: str) -> None:
    assert read(text).pages[0] == read(NEWS).pages[0]


@pytest.mark.parametrize(
    ("name", "content"), [("map.xml", NEWS.encode()), ("map.xml.gz", gzip.compress(INDEX.encode(), mtime=0))]
)
def test_saved_sitemap_is_known_by_its_content(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    (found,) = open_documents([str(tmp_path / name)], now=NOW)

    assert isinstance(found, Capture)
    assert found.kind is DocumentKind.SITEMAP


def test_entities_are_refused_rather_than_resolved() -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a "ha"><!ENTITY b "' + "&a;" * 100 + '">]>' + NEWS.partition("?>")[2]

    with pytest.raises(SourceError, match="declares entities"):
        read(bomb)


@pytest.mark.parametrize(
    "text", ["", "<urlset>", "<urlset><url><loc>", "<" * 5000, "<urlset>" + "<url>" * 5000]
)
def test_what_lists_nothing_lists_nothing(text: str) -> None:
    try:
        found = read(text)
    except SourceError as exc:
        assert str(exc).startswith("map.xml cannot be read")
    else:
        assert found == Sitemap()


def test_sitemap_over_the_limit_is_cut_and_says_so() -> None:
    entry = "<url><loc>https://gazette.example/{}</loc></url>"
    text = f"<urlset>{''.join(entry.format(n) for n in range(MAX_ENTRIES + 1))}</urlset>"

    found = read(text)

    assert len(found.pages) == MAX_ENTRIES
    assert found.is_cut

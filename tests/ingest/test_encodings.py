"""Pages and feeds are read in the encoding of their bytes, whatever was declared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.charset import decode
from digest.ingest.feeds import read_feed
from digest.ingest.fetch import Fetcher
from digest.model import DocumentKind
from tests.ingest.fetching import NOW, make
from tests.ingest.server import reply, serve

JAPANESE = "<p>港は月曜日に再開した。冬の間の修理には四百二十万ドルかかったと市長は述べた。</p>"
RUSSIAN = "<p>Порт открылся в понедельник после зимнего ремонта, сказала смотрительница гавани.</p>"
CHINESE = "<p>港口星期一重新开放，冬季维修耗资四百二十万美元。市长很高兴再次看到船只。</p>"
FRENCH = "<p>Le port a rouvert lundi après l’hiver, a déclaré la mairesse à côté du quai.</p>"
ENGLISH = "<a>Home</a> » <a>City</a> » <p>The harbor reopened on Monday, and boats tied up.</p>"


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with make() as fetcher:
        yield fetcher


@pytest.mark.parametrize(
    ("text", "encoding", "header", "meta"),
    [
        (JAPANESE, "shift_jis", "", "shift_jis"),
        (JAPANESE, "shift_jis", "Shift_JIS", "utf-8"),
        (JAPANESE, "utf-8", "shift_jis", "euc-jp"),
        (RUSSIAN, "windows-1251", "windows-1251", ""),
        (RUSSIAN, "windows-1251", "utf-8", "windows-1251"),
        (RUSSIAN, "utf-8", "iso-8859-1", "windows-1251"),
        (CHINESE, "gb18030", "", "gb2312"),
        (CHINESE, "gb18030", "gbk", "big5"),
        (CHINESE, "utf-16", "utf-8", ""),
        (CHINESE, "utf-16", "", ""),
        (JAPANESE, "shift_jis", "", ""),
        (JAPANESE, "euc-jp", "utf-8", ""),
        (JAPANESE, "shift_jis", "euc-jp", "gb2312"),
        (CHINESE, "gb18030", "shift_jis", "gbk"),
        (CHINESE, "gb18030", "", "utf-8"),
        (RUSSIAN, "windows-1251", "", ""),
        (RUSSIAN, "koi8-r", "utf-8", "utf-8"),
        (FRENCH, "windows-1252", "", ""),
        (FRENCH, "windows-1252", "iso-8859-1", ""),
        (FRENCH, "windows-1252", "utf-8", "utf-8"),
        (ENGLISH, "windows-1252", "", ""),
        (RUSSIAN, "utf-16-le", "utf-16le", ""),
        (RUSSIAN, "utf-16-be", "", ""),
    ],
)
def test_text_is_read_whatever_was_declared(
    fetcher: Fetcher, text: str, encoding: str, header: str, meta: str
) -> None:
    declared = f'<meta charset="{meta}">' if meta else ""
    page = f"<!doctype html><html><head><title>x</title>{declared}</head><body>{text}</body></html>"
    content_type = f"text/html; charset={header}" if header else "text/html"
    with serve({"/a": reply(200, page.encode(encoding), Content_Type=content_type)}) as site:
        capture = fetcher.fetch(f"{site.url}/a", source="x", now=NOW).capture

    assert capture is not None
    assert capture.kind is DocumentKind.PAGE
    assert text in decode(capture.content, capture.encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "header", "declared"),
    [
        (JAPANESE, "shift_jis", "utf-8", "Shift_JIS"),
        (JAPANESE, "shift_jis", "", "utf-8"),
        (RUSSIAN, "windows-1251", "", "windows-1251"),
        (RUSSIAN, "windows-1251", "us-ascii", "utf-8"),
        (CHINESE, "gb18030", "", "gb2312"),
        (CHINESE, "utf-16", "", "utf-16"),
        (RUSSIAN, "utf-16-le", "utf-8", "utf-16"),
        (CHINESE, "utf-8", "gbk", "utf-16"),
        (FRENCH, "windows-1252", "", "iso-8859-1"),
    ],
)
def test_feed_is_read_whatever_was_declared(
    fetcher: Fetcher, text: str, encoding: str, header: str, declared: str
) -> None:
    text = text.removeprefix("<p>").removesuffix("</p>")
    feed = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>t</title>'
        f"<item><title>{text}</title><link>https://gazette.example/a</link></item></channel></rss>"
    )
    content_type = f"application/rss+xml; charset={header}" if header else "application/rss+xml"
    with serve({"/feed": reply(200, feed.encode(encoding), Content_Type=content_type)}) as site:
        capture = fetcher.fetch(f"{site.url}/feed", source="x", now=NOW).capture

    assert capture is not None
    entries, failures = read_feed(capture)
    assert failures == []
    assert [entry.title for entry in entries] == [text]

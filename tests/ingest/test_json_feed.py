"""JSON Feed of both versions gives whole stories, whatever its items leave out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.errors import SourceError
from digest.ingest.documents import open_document
from digest.ingest.feeds import read_feed
from digest.model import Capture, DocumentKind, Failure, FeedEntry, Story
from tests.ingest.server import Answer, Site, reply, serve
from tests.pipeline.reading import NOW, page, project, read

FIRST = "https://jsonfeed.org/version/1"
SECOND = "https://jsonfeed.org/version/1.1"
LONG = "".join(
    f"<p>Paragraph {number} tells of the ferry that waited four hours for the fog to lift from the quay.</p>"
    for number in range(1, 10)
)


def feed(*items: object, version: str = SECOND, **more: object) -> str:
    return json.dumps(
        {
            "version": version,
            "title": "The Gazette",
            "home_page_url": "https://gazette.example/",
            "feed_url": "https://gazette.example/feed.json",
            "items": items,
        }
        | more,
        ensure_ascii=False,
    )


def entries(text: str) -> list[FeedEntry]:
    capture = Capture(
        source="gazette",
        kind=DocumentKind.FEED,
        content=text.encode(),
        fetched_at=NOW,
        url="https://gazette.example/feed.json",
    )
    return read_feed(capture)[0]


def only(item: dict[str, Any], **more: Any) -> FeedEntry:
    (entry,) = entries(feed({"id": "1", "url": "https://gazette.example/1", "title": "One"} | item, **more))
    return entry


@pytest.mark.parametrize("version", [FIRST, SECOND, "https://jsonfeed.org/version/9", ""])
def test_item_is_read_whole(version: str) -> None:
    entry = only(
        {
            "content_html": '<p>Long <a href="/z">text</a><script>x()</script></p>',
            "summary": "Short.",
            "date_published": "2026-11-23T19:45:00-05:00",
            "date_modified": "2026-11-24T01:00:00Z",
            "tags": ["Ferries", "Fog", "Ferries"],
            "language": "de-AT",
        },
        version=version,
    )

    assert (entry.title, entry.url, entry.guid) == ("One", "https://gazette.example/1", "1")
    assert entry.html == '<p>Long <a href="https://gazette.example/z">text</a></p>'
    assert entry.summary == "Short."
    assert entry.published_at is not None
    assert entry.published_at.isoformat() == "2026-11-23T19:45:00-05:00"
    assert (entry.tags, entry.language, entry.site) == (("Ferries", "Fog"), "de", "The Gazette")


@pytest.mark.parametrize(
    ("item", "more", "authors"),
    [
        ({"author": {"name": "Jane Doe"}}, {}, ("Jane Doe",)),
        ({"authors": [{"name": "Jane Doe"}, {"name": "John Roe"}]}, {}, ("Jane Doe", "John Roe")),
        ({"authors": [{"name": "Jane Doe"}], "author": {"name": "Jane Doe"}}, {}, ("Jane Doe",)),
        ({}, {"authors": [{"name": "The Desk"}]}, ("The Desk",)),
        ({}, {"author": {"name": "The Desk"}}, ("The Desk",)),
        ({"authors": [{"name": "Jane Doe"}]}, {"authors": [{"name": "The Desk"}]}, ("Jane Doe",)),
        ({"authors": [{"url": "https://a.example/"}, None, "x", {"name": ""}]}, {}, ("x",)),
        ({"authors": "Jane Doe"}, {}, ()),
    ],
)
def test_authors_of_either_version_are_read(
    item: dict[str, Any], more: dict[str, Any], authors: tuple[str, ...]
) -> None:
    assert only(item, **more).authors == authors


@pytest.mark.parametrize(
    ("item", "html"),
    [
        ({"content_html": "<p>A &amp; B</p>", "content_text": "other"}, "<p>A &amp; B</p>"),
        ({"content_text": "1 < 2 & <b>no tag</b>"}, "1 &lt; 2 &amp; &lt;b&gt;no tag&lt;/b&gt;"),
        ({"summary": "Only a summary."}, "Only a summary."),
    ],
)
def test_text_is_no_markup(item: dict[str, Any], html: str) -> None:
    assert only(item).html == html


def test_paragraphs_of_plain_text_stay_paragraphs(tmp_path: Path) -> None:
    text = "The ferry waited for the fog.\n\nIt left at noon, with a horse."
    (tmp_path / "feed.json").write_text(
        feed({"id": "1", "title": "One", "content_text": text}), encoding="utf-8"
    )

    (story,) = read(str(tmp_path / "feed.json"))

    assert isinstance(story, Story)
    assert story.text == text


@pytest.mark.parametrize(
    ("item", "picture"),
    [
        (
            {"image": "https://gazette.example/a.jpg", "banner_image": "https://gazette.example/b.jpg"},
            "a.jpg",
        ),
        ({"banner_image": "/b.jpg"}, "b.jpg"),
        ({"attachments": [{"url": "https://gazette.example/c.jpg", "mime_type": "image/jpeg"}]}, "c.jpg"),
        ({"attachments": [{"url": "https://gazette.example/d.mp3", "mime_type": "audio/mpeg"}]}, None),
        ({"attachments": [None, "x", {}, {"url": []}], "image": {}}, None),
        ({"image": "data:image/png;base64,AAAA"}, None),
    ],
)
def test_picture_is_the_items_own(item: dict[str, Any], picture: str | None) -> None:
    image = only(item).image

    assert (image.url if image else None) == (picture and f"https://gazette.example/{picture}")


@pytest.mark.parametrize(
    ("item", "url", "guid"),
    [
        ({"url": "/relative"}, "https://gazette.example/relative", "1"),
        ({"url": None, "external_url": "https://elsewhere.example/x"}, "https://elsewhere.example/x", "1"),
        ({"id": None}, "https://gazette.example/1", None),
        ({"id": 17}, "https://gazette.example/1", "17"),
        ({"id": 3.5, "url": "javascript:x()"}, None, "3.5"),
        ({"url": ["x"]}, None, "1"),
    ],
)
def test_item_without_an_id_or_address_is_kept(
    item: dict[str, Any], url: str | None, guid: str | None
) -> None:
    entry = only(item)

    assert (entry.url, entry.guid) == (url, guid)


@pytest.mark.parametrize("date", ["", "yesterday", None, 5, "2026-13-45T00:00:00Z", "9999-01-01"])
def test_bad_date_is_none(date: object) -> None:
    assert only({"date_published": date}).published_at is None


def test_item_that_tells_nothing_is_one_failure() -> None:
    capture = Capture(
        source="gazette", kind=DocumentKind.FEED, content=feed({"id": "1"}, None, 5).encode(), fetched_at=NOW
    )

    found, failures = read_feed(capture)

    assert found == []
    assert len(failures) == 3


@pytest.mark.parametrize(
    "text",
    ['{"items": 5}', '{"items": {}}', "[]", '{"version": "https://jsonfeed.org/version/1"}', "[" * 100_000],
)
def test_other_json_is_no_feed(tmp_path: Path, text: str) -> None:
    (tmp_path / "feed.json").write_text(text, encoding="utf-8")

    try:
        found = read(str(tmp_path / "feed.json"))
    except SourceError:
        pytest.fail("a bad file is a failure, not an error")

    assert all(isinstance(one, Failure) and one.message.endswith(".") for one in found)
    assert len(found) == 1


def test_packed_feed_is_read_alike(tmp_path: Path) -> None:
    (tmp_path / "feed.json.gz").write_bytes(gzip.compress(feed({"id": "1", "title": "One"}).encode()))

    capture = open_document(tmp_path / "feed.json.gz", now=NOW, source="gazette")

    assert [entry.title for entry in read_feed(capture)[0]] == ["One"]


@pytest.fixture
def answers() -> dict[str, Answer]:
    return {"/1": reply(200, page("The whole story").encode(), Content_Type="text/html; charset=utf-8")}


@pytest.fixture
def site(answers: dict[str, Answer]) -> Iterator[Site]:
    with serve(answers) as running:
        yield running


def test_feed_over_http_gives_its_stories_and_no_further_page_of_it(
    tmp_path: Path, site: Site, answers: dict[str, Answer]
) -> None:
    cut = {"id": "1", "url": f"{site.url}/1", "title": "Cut", "content_text": "The ferry waited …"}
    whole = {"id": "2", "url": f"{site.url}/2", "title": "Whole", "content_html": LONG}
    answers["/feed.json"] = reply(
        200,
        feed(cut, whole, next_url=f"{site.url}/older.json").encode(),
        Content_Type="application/feed+json",
    )
    source = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{site.url}/feed.json"\n'

    with project(tmp_path, source) as reading:
        report = reading.fetch(now=datetime(2026, 11, 24, 12, tzinfo=UTC))
        kept = reading.kept()

    assert (report.read, report.failures) == (2, ())
    assert [story.title for story in kept] == ["The whole story", "Whole"]
    assert [path for path, _ in site.requests if path != "/robots.txt"] == ["/feed.json", "/1"]

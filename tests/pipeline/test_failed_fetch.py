"""What fails today makes nothing of yesterday's new, and what has moved for good is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.ingest.server import Answer, Site, reply, serve
from tests.pipeline.reading import NOW, Reading, page, project, read

HOUR = timedelta(hours=1)
Answers = dict[str, Answer]


def html(text: str) -> Answer:
    return reply(200, text.encode(), Content_Type="text/html; charset=utf-8")


def item(url: str, title: str, *, guid: str = "", text: str = "The harbor of Port Ellan …") -> str:
    return f"<item><title>{title}</title><link>{url}</link>{guid}<description>{text}</description></item>"


def rss(*items: str) -> Answer:
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{"".join(items)}</channel></rss>'
    return reply(200, feed.encode(), Content_Type="application/rss+xml", ETag='"1"')


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than comes."""
    reply(200, b"<rss version='2.0'><channel><item><title>Harb", Content_Length="5000")(handler)


@pytest.fixture
def answers() -> Answers:
    return {}


@pytest.fixture
def site(answers: Answers) -> Iterator[Site]:
    with serve(answers) as found:
        yield found


@pytest.fixture
def reading(tmp_path: Path, site: Site) -> Iterator[Reading]:
    sources = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{site.url}/feed"\n'
    with project(tmp_path, sources) as found:
        yield found


def seen(reading: Reading) -> dict[str, datetime]:
    """Return when each kept story was first read, by title."""
    kept = reading.stories.of_sources(["gazette"], since=NOW - 1000 * HOUR)
    assert len({one.story.title for one in kept}) == len(kept)
    return {one.story.title: one.seen_at for one in kept}


FAILURES: dict[str, Answer] = {
    "server error": reply(500),
    "busy": reply(503, Retry_After="60"),
    "gone": reply(410),
    "cut short": cut,
    "no feed": reply(200, b"<rss><channel/></rss>"),
    "empty": reply(200, b""),
    "repairs": html(page("We will be back soon")),
    "a page elsewhere": reply(302, Location="/repairs"),
    "damaged": reply(200, b"\x1f\x8bnothing"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failed_fetch_makes_no_old_story_new(
    reading: Reading, site: Site, answers: Answers, name: str
) -> None:
    answers["/a"], answers["/b"] = html(page("Harbor reopens")), html(page("Bridge closes"))
    answers["/repairs"] = html(page("We will be back soon"))
    feed = rss(item(f"{site.url}/a", "Harbor reopens"), item(f"{site.url}/b", "Bridge closes"))
    answers["/feed"] = feed
    first = reading.fetch(now=NOW)

    answers["/feed"] = FAILURES[name]
    failed = reading.fetch(now=NOW + 1 * HOUR)
    answers["/feed"] = feed
    again = reading.fetch(now=NOW + 2 * HOUR)

    assert (first.new, failed.new, again.new) == (2, 0, 0)
    assert len(failed.failures) == 1
    assert failed.reached == 0
    assert again.failures == ()
    assert seen(reading) == {"Harbor reopens": NOW, "Bridge closes": NOW}


def test_page_under_another_address_is_read_once_and_never_new_again(
    reading: Reading, site: Site, answers: Answers
) -> None:
    text = page("Harbor reopens").replace(
        "<title>", f'<link rel="canonical" href="{site.url}/city/harbor"><title>', 1
    )
    answers["/go"] = html(text)
    answers["/feed"] = rss(item(f"{site.url}/go", "Harbor reopens"))
    first = reading.fetch(now=NOW)

    answers["/go"] = reply(500)
    second = reading.fetch(now=NOW + HOUR)

    assert (first.new, second.new, second.failures) == (1, 0, ())
    assert [path for path, _ in site.requests].count("/go") == 1
    assert seen(reading) == {"Harbor reopens": NOW}
    assert [story.url for story in reading.kept()] == [f"{site.url}/city/harbor"]


def test_page_read_for_an_entry_is_not_new_again_where_the_feed_tells_it_whole(
    reading: Reading, site: Site, answers: Answers
) -> None:
    address = f'<link rel="canonical" href="{site.url}/city/harbor"><title>'
    answers["/go"] = html(page("Harbor reopens").replace("<title>", address, 1))
    answers["/feed"] = rss(item(f"{site.url}/go", "Harbor reopens"))
    first = reading.fetch(now=NOW)

    answers["/feed"] = rss(item(f"{site.url}/go", "Harbor reopens", text="The harbor reopens at noon. " * 40))
    second = reading.fetch(now=NOW + HOUR)

    assert (first.new, second.new, second.failures) == (1, 0, ())
    assert seen(reading) == {"Harbor reopens": NOW}


def test_unchanged_feed_keeps_its_stories_and_validators(
    reading: Reading, site: Site, answers: Answers
) -> None:
    answers["/a"] = html(page("Harbor reopens"))
    answers["/feed"] = rss(item(f"{site.url}/a", "Harbor reopens"))
    reading.fetch(now=NOW)

    answers["/feed"] = reply(304)
    for hours in (1, 2):
        report = reading.fetch(now=NOW + hours * HOUR)
        assert (report.new, report.failures, report.reached) == (0, (), 1)

    asked = [headers.get("If-None-Match") for path, headers in site.requests if path == "/feed"]
    assert asked == [None, '"1"', '"1"']
    assert seen(reading) == {"Harbor reopens": NOW}


def test_failed_fetch_keeps_the_validators(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/a"] = html(page("Harbor reopens"))
    answers["/feed"] = rss(item(f"{site.url}/a", "Harbor reopens"))
    reading.fetch(now=NOW)

    answers["/feed"] = reply(200, b"no feed at all", ETag='"2"')
    reading.fetch(now=NOW + HOUR)
    reading.fetch(now=NOW + 2 * HOUR)

    asked = [headers.get("If-None-Match") for path, headers in site.requests if path == "/feed"]
    assert asked == [None, '"1"', '"1"']


def test_feed_that_moved_for_good_is_told(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/a"] = html(page("Harbor reopens"))
    answers["/feed"] = reply(301, Location="/new-feed")
    answers["/new-feed"] = rss(item(f"{site.url}/a", "Harbor reopens"))

    report = reading.fetch(now=NOW)

    assert (report.new, report.failures) == (1, ())
    assert [notice.message for notice in report.notices] == [
        f"{site.url}/feed has moved for good to {site.url}/new-feed. Write that address in the configuration."
    ]


def test_robots_speaks_for_pages_and_not_for_the_feed(reading: Reading, site: Site, answers: Answers) -> None:
    answers["/robots.txt"] = reply(200, b"User-agent: daily-dose\nUser-agent: test\nDisallow: /\nAllow: /b")
    answers["/a"], answers["/b"] = html(page("Harbor reopens")), html(page("Bridge closes"))
    answers["/feed"] = rss(item(f"{site.url}/a", "Harbor reopens"), item(f"{site.url}/b", "Bridge closes"))

    report = reading.fetch(now=NOW)

    paths = [path for path, _ in site.requests]
    assert paths == ["/feed", "/robots.txt", "/b"]
    assert [failure.message for failure in report.failures] == [
        f"“Harbor reopens” has no page to read: {site.url}/a was not read: its robots.txt asks us not to read it. "
        "Save the page in a browser and read the file; if the site is yours, set [fetch] robots = false."
    ]
    assert "Bridge closes" in seen(reading)


def test_entry_left_to_the_next_fetch_is_asked_for_though_the_feed_did_not_change(
    reading: Reading, site: Site, answers: Answers
) -> None:
    answers["/a"], answers["/b"] = html(page("Harbor reopens")), reply(500)
    feed = rss(item(f"{site.url}/a", "Harbor reopens"), item(f"{site.url}/b", "Bridge closes", text=""))

    def conditional(handler: BaseHTTPRequestHandler) -> None:
        (reply(304) if handler.headers.get("If-None-Match") == '"1"' else feed)(handler)

    answers["/feed"] = conditional
    first = reading.fetch(now=NOW)
    answers["/b"] = html(page("Bridge closes"))
    second = reading.fetch(now=NOW + HOUR)
    third = reading.fetch(now=NOW + 2 * HOUR)

    assert (first.new, second.new, third.new) == (1, 1, 0)
    assert seen(reading) == {"Harbor reopens": NOW, "Bridge closes": NOW + HOUR}
    asked = [headers.get("If-None-Match") for path, headers in site.requests if path == "/feed"]
    assert asked == [None, None, '"1"']


@pytest.mark.parametrize("path", ["/repairs", "/moved", "/gone", "/empty"])
def test_password_in_a_source_s_address_is_in_no_message(
    tmp_path: Path, site: Site, answers: Answers, path: str
) -> None:
    answers["/a"] = html(page("Harbor reopens"))
    answers["/repairs"] = html(page("We will be back soon"))
    answers["/moved"] = reply(301, Location="/feed")
    answers["/feed"] = rss(item(f"{site.url}/a", "Harbor reopens"))
    answers["/empty"] = reply(200, b"<rss><channel/></rss>")
    address = site.url.replace("://", "://reader:s3cret@") + path
    sources = f'[[sources]]\nname = "gazette"\nkind = "feed"\nurl = "{address}"\n'
    pages = f'[[sources]]\nname = "pages"\nkind = "pages"\nurls = ["{address}", "{address}?2"]\n'
    with project(tmp_path, sources + pages) as made:
        report = made.fetch()

        told = [*report.failures, *report.notices, *read(address)]
        assert told
        assert "s3cret" not in repr(told)
        assert site.url.removeprefix("http://") in repr(told)
        assert "s3cret" not in str(made.stories.last_fetch("gazette", address).last_error)

"""A site's robots.txt is asked for once, and kept to, before any of its pages is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from digest.errors import FetchError
from digest.ingest.fetch import Fetcher
from digest.ingest.robots import MAX_BYTES, looks_like_feed, parse_robots, product_token
from tests.ingest.server import Answer, Site, reply, serve

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><head><title>x</title></head><body><p>Hello there.</p></body></html>"
FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with make() as fetcher:
        yield fetcher


def make(*, respects_robots: bool = True) -> Fetcher:
    return Fetcher(
        user_agent="daily-dose/1.0 (+https://news.example)",
        allow_private=("127.0.0.0/8",),
        timeout_seconds=1.0,
        total_seconds=2.0,
        delay_seconds=0.0,
        respects_robots=respects_robots,
    )


def site_with(robots: str | bytes | Answer) -> dict[str, Answer]:
    """Return what a site with a robots.txt and a page answers."""
    if isinstance(robots, str):
        robots = robots.encode()
    return {
        "/robots.txt": reply(200, robots) if isinstance(robots, bytes) else robots,
        "/a": reply(200, PAGE),
        "/b": reply(200, PAGE),
    }


def read(fetcher: Fetcher, url: str, *, now: datetime = NOW) -> str:
    """Return why a page was not read; an empty string where it was."""
    try:
        fetcher.fetch(url, source="gazette", now=now)
    except FetchError as exc:
        return str(exc)
    return ""


def paths(site: Site) -> list[str]:
    return [path for path, _ in site.requests]


def test_page_that_robots_refuses_is_not_asked_for(fetcher: Fetcher) -> None:
    with serve(site_with("User-agent: *\nDisallow: /a")) as site:
        message = read(fetcher, f"{site.url}/a")
        other = read(fetcher, f"{site.url}/b")

    assert message.startswith(f"{site.url}/a was not read: its robots.txt asks us not to read it. ")
    assert "[fetch] robots" in message
    assert other == ""
    assert paths(site) == ["/robots.txt", "/b"]
    assert site.requests[0][1]["User-Agent"].startswith("daily-dose/")


@pytest.mark.parametrize("status", [404, 401, 403, 410])
def test_site_without_robots_may_be_read(fetcher: Fetcher, status: int) -> None:
    with serve(site_with(reply(status))) as site:
        assert read(fetcher, f"{site.url}/a") == ""


@pytest.mark.parametrize("status", [500, 503, 429])
def test_site_whose_robots_fails_is_left_for_now(fetcher: Fetcher, status: int) -> None:
    with serve(site_with(reply(status))) as site:
        messages = [read(fetcher, f"{site.url}/{name}") for name in "ab"]

    assert f"its site's robots.txt answered {status}, which means no for now" in messages[0]
    assert paths(site) == ["/robots.txt"]


def test_site_whose_robots_never_comes_is_left_for_now(fetcher: Fetcher) -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(3)
        handler.connection.recv(1)

    with serve(site_with(silent)) as site:
        assert "robots.txt did not come in time, which means no for now" in read(fetcher, f"{site.url}/a")


def test_host_that_cannot_be_called_is_explained_for_the_page(fetcher: Fetcher) -> None:
    assert read(fetcher, "http://127.0.0.1:1/a").startswith(
        "Nothing answers at 127.0.0.1 for http://127.0.0.1:1/a ("
    )
    assert "http://10.1.2.3/a leads to the private address" in read(fetcher, "http://10.1.2.3/a")


def test_many_threads_ask_for_robots_once_a_site() -> None:
    answers = site_with("User-agent: *\nDisallow: /b")
    with serve(answers) as site, make() as fetcher, ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda n: read(fetcher, f"{site.url}/{'ab'[n % 2]}"), range(16)))

    assert [bool(message) for message in found] == [False, True] * 8
    assert paths(site).count("/robots.txt") == 1


def test_robots_is_kept_for_a_day(fetcher: Fetcher) -> None:
    with serve(site_with("")) as site:
        for hours in (0, 23, 24):
            assert read(fetcher, f"{site.url}/a", now=NOW + timedelta(hours=hours)) == ""

    assert paths(site).count("/robots.txt") == 2


@pytest.mark.parametrize(("steps", "is_followed"), [(5, True), (6, False)])
def test_five_redirects_of_robots_are_followed(fetcher: Fetcher, steps: int, is_followed: bool) -> None:
    answers = site_with(reply(301, Location="/1"))
    answers |= {f"/{number}": reply(302, Location=f"/{number + 1}") for number in range(1, steps)}
    answers[f"/{steps}"] = reply(200, b"User-agent: *\nDisallow: /")
    with serve(answers) as site:
        assert bool(read(fetcher, f"{site.url}/a")) is is_followed


def test_page_that_a_redirect_leads_to_is_asked_about(fetcher: Fetcher) -> None:
    with serve(site_with("User-agent: *\nDisallow: /b")) as other:
        answers = site_with("") | {"/a": reply(302, Location=f"{other.url}/b")}
        with serve(answers) as site:
            assert f"{other.url}/b was not read" in read(fetcher, f"{site.url}/a")

    assert paths(other) == ["/robots.txt"]


def test_endless_robots_is_read_to_its_limit(fetcher: Fetcher) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"User-agent: *\nDisallow: /a\n")
        try:
            while True:
                handler.wfile.write(b"# more and more\n" * 1000)
        except OSError:
            return

    with serve(site_with(endless)) as site:
        assert "asks us not to read it" in read(fetcher, f"{site.url}/a")
        assert read(fetcher, f"{site.url}/b") == ""


def test_feed_needs_no_leave_and_what_turns_out_a_page_does(fetcher: Fetcher) -> None:
    answers = site_with("User-agent: *\nDisallow: /") | {"/feed": reply(200, FEED)}
    with serve(answers) as site:
        found = fetcher.fetch(f"{site.url}/feed", source="x", now=NOW, is_feed=True)
        with pytest.raises(FetchError, match="asks us not to read it"):
            fetcher.fetch(f"{site.url}/a", source="x", now=NOW, is_feed=True)

    assert found.capture is not None
    assert paths(site) == ["/feed", "/a", "/robots.txt"]


def test_picture_needs_no_leave(fetcher: Fetcher) -> None:
    with serve(site_with("User-agent: *\nDisallow: /") | {"/x.png": reply(200, b"png")}) as site:
        assert fetcher.fetch_bytes(f"{site.url}/x.png", now=NOW) == b"png"

    assert paths(site) == ["/x.png"]


def test_robots_can_be_turned_off() -> None:
    with serve(site_with("User-agent: *\nDisallow: /")) as site, make(respects_robots=False) as fetcher:
        assert read(fetcher, f"{site.url}/a") == ""

    assert paths(site) == ["/a"]


def test_delay_that_robots_asks_for_is_kept(fetcher: Fetcher) -> None:
    with serve(site_with("User-agent: *\nCrawl-delay: 0.2")) as site:
        started = time.monotonic()
        for _ in range(3):
            read(fetcher, f"{site.url}/a")

    assert time.monotonic() - started >= 0.6


@pytest.mark.parametrize(
    ("robots", "allows"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: daily-dose\nDisallow: /\nUser-agent: *\nAllow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Daily-Dose/1.0\nAllow: /", True),
        ("User-agent: otherbot\nUser-agent: DAILY-DOSE\nDisallow: /city", False),
        ("User-agent: daily\nDisallow: /", True),
        ("User-agent: daily-dose-images\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*.html$", False),
        ("User-agent: *\nDisallow: /*.htm$", True),
        ("User-agent: *\nDisallow: /*/harbor", False),
        ("User-agent: *\nDisallow: /\nAllow: /city/", True),
        ("User-agent: *\nDisallow: /city/\nAllow: /city", False),
        ("\ufeffUser-agent: *\r\nDisallow: /city # all of it\r\n", False),
        ("<!doctype html><html><body>Not found</body></html>", True),
        ("Disallow: /", True),
    ],
)
def test_rules(robots: str, allows: bool) -> None:
    found = parse_robots(robots.encode(), token="daily-dose")

    assert found.allows("https://gazette.example/city/harbor.html") is allows


def test_bytes_that_are_no_text_forbid_nothing() -> None:
    assert parse_robots(bytes(range(256)) * 100, token="daily-dose").allows("https://gazette.example/a")


@pytest.mark.parametrize(
    ("asked", "kept"), [("2", 2.0), ("0.5", 0.5), ("600", 5.0), ("-1", 0.0), ("soon", 0.0)]
)
def test_delay_is_kept_up_to_a_limit(asked: str, kept: float) -> None:
    robots = f"User-agent: *\nCrawl-delay: {asked}".encode()

    assert parse_robots(robots, token="daily-dose").delay_seconds == kept


def test_rules_beyond_the_limit_are_passed_over() -> None:
    robots = b"User-agent: *\n" + b"#" * MAX_BYTES + b"\nDisallow: /"

    assert parse_robots(robots, token="daily-dose").allows("https://gazette.example/a")


@pytest.mark.parametrize(
    "spelling", ["User-agent: a{}", "user agent a{}", "\u3000useragent: a{}", "User\tagent a{}"]
)
def test_thousands_of_agents_and_rules_are_parsed_soon(spelling: str) -> None:
    agents = "\n".join(spelling.format(number) for number in range(16_000))
    robots = agents + "\n" + "Allow:/*$\n" * 16_000
    started = time.process_time()

    found = parse_robots(robots.encode(), token="daily-dose")

    assert found.allows("https://gazette.example/a")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("daily-dose/0.1 (+https://news.example)", "daily-dose"),
        ("GazetteBot/2.0", "gazettebot"),
        ("Mozilla/5.0 (compatible)", "mozilla"),
        ("42", "daily-dose"),
    ],
)
def test_the_name_in_robots_is_the_user_agents_first_product(agent: str, token: str) -> None:
    assert product_token(agent) == token


@pytest.mark.parametrize(
    ("url", "is_feed"),
    [
        ("https://gazette.example/feed.xml", True),
        ("https://gazette.example/feed/", True),
        ("https://gazette.example/feeds/videos.xml?channel_id=1", True),
        ("https://gazette.example/r/news/.rss", True),
        ("https://gazette.example/?feed=rss2", True),
        ("https://gazette.example/index.php?format=feed&type=atom", True),
        ("https://gazette.example/sitemap-news.xml.gz", True),
        ("https://gazette.example/city/harbor.html", False),
        ("https://gazette.example/feed-the-birds.html", False),
        ("https://gazette.example/", False),
        ("https://gazette.example/city/feedback", False),
        ("http://[", False),
    ],
)
def test_feeds_are_known_by_their_address(url: str, is_feed: bool) -> None:
    assert looks_like_feed(url) is is_feed

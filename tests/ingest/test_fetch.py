"""Fetching over a real connection: conditional, polite, within limits."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from digest import __version__
from digest.app import make_fetcher
from digest.config import FileConfig, load_config
from digest.ingest.fetch import Fetched, Fetcher
from digest.model import DocumentKind
from tests.ingest.fetching import FEED, NOW, PAGE, failure, make
from tests.ingest.server import Answer, reply, serve


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with make() as fetcher:
        yield fetcher


def test_page_comes_with_all_that_is_needed_to_ask_again(fetcher: Fetcher) -> None:
    page = reply(
        200,
        PAGE,
        Content_Type="text/html; charset=iso-8859-1",
        ETag='W/"abc"',
        Last_Modified="Tue, 24 Nov 2026 09:00:00 GMT",
        Cache_Control="public, max-age=600",
    )
    with serve({"/a": page}) as site:
        fetched = fetcher.fetch(f"{site.url}/a", source="gazette", now=NOW, section="City")

    capture = fetched.capture
    assert capture is not None
    assert (capture.kind, capture.content, capture.source, capture.section) == (
        DocumentKind.PAGE,
        PAGE,
        "gazette",
        "City",
    )
    assert capture.url == fetched.url == f"{site.url}/a"
    assert (fetched.etag, fetched.last_modified) == ('W/"abc"', "Tue, 24 Nov 2026 09:00:00 GMT")
    assert site.requests[0][1]["User-Agent"] == "daily-dose/test"


def test_unchanged_document_brings_no_capture(fetcher: Fetcher) -> None:
    with serve({"/feed": reply(304, ETag='"abc"')}) as site:
        fetched = fetcher.fetch(
            f"{site.url}/feed",
            source="gazette",
            now=NOW,
            etag='"abc"',
            last_modified="Tue, 24 Nov 2026 09:00:00 GMT",
        )

    assert fetched.capture is None
    headers = site.requests[0][1]
    assert headers["If-None-Match"] == '"abc"'
    assert headers["If-Modified-Since"] == "Tue, 24 Nov 2026 09:00:00 GMT"


def test_feed_is_known_by_its_content(fetcher: Fetcher) -> None:
    with serve({"/feed": reply(200, FEED, Content_Type="text/html")}) as site:
        fetched = fetcher.fetch(f"{site.url}/feed", source="gazette", now=NOW)

    assert fetched.capture is not None
    assert fetched.capture.kind is DocumentKind.FEED


def test_redirect_is_followed_and_its_end_is_the_address(fetcher: Fetcher) -> None:
    answers = {
        "/a": reply(301, Location="/b"),
        "/b": reply(302, Location="c?x=1#part"),
        "/c?x=1": reply(200, PAGE),
    }
    with serve(answers) as site:
        fetched = fetcher.fetch(f"{site.url}/a", source="gazette", now=NOW)

    assert fetched.url == f"{site.url}/c?x=1"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, "no such page"),
        (403, "user_agent"),
        (401, "login"),
        (410, "gone"),
        (500, "server failed"),
        (418, "browser"),
    ],
)
def test_refusal_says_what_to_do(fetcher: Fetcher, status: int, says: str) -> None:
    with serve({"/a": reply(status)}) as site:
        message = str(failure(fetcher, f"{site.url}/a"))

    assert f"{site.url}/a answered {status}" in message
    assert says in message


@pytest.mark.parametrize("status", [429, 503])
def test_pause_is_kept_for_the_host(fetcher: Fetcher, status: int) -> None:
    with serve({"/a": reply(status, Retry_After="120"), "/b": reply(200, PAGE)}) as site:
        first = failure(fetcher, f"{site.url}/a")
        second = failure(fetcher, f"{site.url}/b")
        later = fetcher.fetch(f"{site.url}/b", source="gazette", now=NOW + timedelta(seconds=121))

    assert first.retry_at == NOW + timedelta(seconds=120)
    assert "2026-11-24 12:02 UTC" in str(first)
    assert second.retry_at == first.retry_at
    assert later.capture is not None
    assert [path for path, _ in site.requests] == ["/a", "/b"]


def test_pause_may_be_a_date(fetcher: Fetcher) -> None:
    with serve({"/a": reply(503, Retry_After="Tue, 24 Nov 2026 13:00:00 GMT")}) as site:
        assert failure(fetcher, f"{site.url}/a").retry_at == NOW + timedelta(hours=1)


def test_unknown_host_says_so(fetcher: Fetcher) -> None:
    message = str(failure(fetcher, "http://nobody.invalid/feed"))

    assert "no host named nobody.invalid" in message or "did not answer in time" in message


def test_closed_port_says_so(fetcher: Fetcher) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert "Nothing answers at 127.0.0.1" in str(failure(fetcher, f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
    ],
)
def test_packed_document_is_unpacked(fetcher: Fetcher, coding: str, body: bytes) -> None:
    with serve({"/a": reply(200, body, Content_Encoding=coding)}) as site:
        fetched = fetcher.fetch(f"{site.url}/a", source="gazette", now=NOW)

    assert fetched.capture is not None
    assert fetched.capture.content == PAGE


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "gzip"])
def test_damaged_packing_says_so(fetcher: Fetcher, coding: str) -> None:
    with serve({"/a": reply(200, b"not packed", Content_Encoding=coding)}) as site:
        assert "came" in str(failure(fetcher, f"{site.url}/a"))


def test_what_is_no_text_says_so(fetcher: Fetcher) -> None:
    with serve({"/a": reply(200, b"%PDF-1.7 ...", Content_Type="text/html")}) as site:
        assert "a PDF" in str(failure(fetcher, f"{site.url}/a"))


def test_gzipped_feed_is_unpacked(fetcher: Fetcher) -> None:
    with serve({"/feed.xml.gz": reply(200, gzip.compress(FEED), Content_Type="application/gzip")}) as site:
        fetched = fetcher.fetch(f"{site.url}/feed.xml.gz", source="gazette", now=NOW)

    assert fetched.capture is not None
    assert fetched.capture.content == FEED


def counting(running: list[int], answer: Answer) -> Answer:
    """Answer after a moment, counting in `running` how many do so now and did so at most."""
    lock = threading.Lock()

    def busy(handler: BaseHTTPRequestHandler) -> None:
        with lock:
            running[0] += 1
            running[1] = max(running[1], running[0])
        threading.Event().wait(0.05)
        with lock:
            running[0] -= 1
        answer(handler)

    return busy


def test_eight_sources_of_one_host_share_two_connections() -> None:
    running = [0, 0]
    busy = counting(running, reply(200, PAGE))
    answers = {f"/{number}": busy for number in range(16)}
    with serve(answers, keeps_alive=True) as site, make() as fetcher:

        def one(number: int) -> Fetched:
            return fetcher.fetch(f"{site.url}/{number}", source=f"source {number % 8}", now=NOW)

        with ThreadPoolExecutor(max_workers=8) as pool:
            found = list(pool.map(one, range(16)))

    assert all(fetched.capture for fetched in found)
    assert len(site.requests) == 16
    assert running[1] == 2
    assert len(site.peers) <= 2


def test_waiting_for_a_turn_takes_nothing_from_the_time_of_a_fetch() -> None:
    with (
        serve({f"/{number}": counting([0, 0], reply(200, PAGE)) for number in range(20)}) as site,
        make(timeout_seconds=0.3, total_seconds=0.3) as fetcher,
        ThreadPoolExecutor(max_workers=20) as pool,
    ):
        found = list(
            pool.map(lambda n: fetcher.fetch(f"{site.url}/{n}", source="x", now=NOW).capture, range(20))
        )

    assert all(found)


def test_requests_to_a_host_are_spaced() -> None:
    with serve({"/a": reply(200, PAGE)}) as site, make(delay_seconds=0.1) as fetcher:
        started = time.monotonic()
        for _ in range(4):
            fetcher.fetch(f"{site.url}/a", source="x", now=NOW)

    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("status", [301, 308])
def test_move_for_good_is_told(fetcher: Fetcher, status: int) -> None:
    answers = {
        "/old": reply(status, Location="/older"),
        "/older": reply(301, Location="/new"),
        "/new": reply(302, Location="/today"),
        "/today": reply(200, PAGE),
    }
    with serve(answers) as site:
        fetched = fetcher.fetch(f"{site.url}/old", source="x", now=NOW)

    assert fetched.moved_to == f"{site.url}/new"
    assert fetched.url == f"{site.url}/today"


def test_move_for_now_is_not_told(fetcher: Fetcher) -> None:
    answers = {
        "/old": reply(302, Location="/new"),
        "/new": reply(301, Location="/b"),
        "/b": reply(200, PAGE),
    }
    with serve(answers) as site:
        assert fetcher.fetch(f"{site.url}/old", source="x", now=NOW).moved_to is None


def test_cookie_wall_is_passed_and_the_cookie_forgotten(fetcher: Fetcher) -> None:
    def wall(handler: BaseHTTPRequestHandler) -> None:
        if "seen=yes" in handler.headers.get("Cookie", ""):
            reply(200, PAGE)(handler)
        else:
            reply(302, Location="/a", Set_Cookie="seen=yes; Path=/")(handler)

    with serve({"/a": wall, "/b": reply(200, PAGE)}) as site:
        fetcher.fetch(f"{site.url}/a", source="x", now=NOW)
        fetcher.fetch(f"{site.url}/b", source="x", now=NOW)

    assert "Cookie" in site.requests[1][1]
    assert "Cookie" not in site.requests[2][1]


def test_unchanged_without_having_been_read_says_so(fetcher: Fetcher) -> None:
    with serve({"/a": reply(304)}) as site:
        assert "answered 304" in str(failure(fetcher, f"{site.url}/a"))


def test_pause_that_has_passed_is_none(fetcher: Fetcher) -> None:
    answers = {"/a": reply(503, Retry_After="Tue, 24 Nov 2026 11:00:00 GMT"), "/b": reply(200, PAGE)}
    with serve(answers) as site:
        assert failure(fetcher, f"{site.url}/a").retry_at is None
        assert fetcher.fetch(f"{site.url}/b", source="x", now=NOW).capture is not None


def test_missing_page_pauses_no_other(fetcher: Fetcher) -> None:
    with serve({"/a": reply(404, Retry_After="3600"), "/b": reply(200, PAGE)}) as site:
        failure(fetcher, f"{site.url}/a")
        assert fetcher.fetch(f"{site.url}/b", source="x", now=NOW).capture is not None


def test_pause_holds_for_other_threads_and_addresses_of_the_host() -> None:
    busy = reply(429, Retry_After="120")
    with serve({f"/{number}": busy for number in range(9)}) as site, make(delay_seconds=0.1) as fetcher:
        with ThreadPoolExecutor(max_workers=8) as pool:
            messages = list(pool.map(lambda n: str(failure(fetcher, f"{site.url}/{n}")), range(8)))
        failure(fetcher, f"{site.url}/8")

    assert sum("asked for a pause until" in message for message in messages) >= 6
    assert len(site.requests) <= 2


def test_we_say_who_we_are_and_where_to_ask(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('[site]\npublic_url = "https://news.example"\n[fetch]\nallow_private = ["127.0.0.0/8"]\n')
    with serve({"/a": reply(200, PAGE)}) as site, make_fetcher(load_config(file, kind=FileConfig)) as fetcher:
        fetcher.fetch(f"{site.url}/a", source="x", now=NOW)

    assert [headers["User-Agent"] for _, headers in site.requests] == [
        f"daily-dose/{__version__} (+https://news.example)"
    ] * 2

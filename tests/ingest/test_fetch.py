"""Fetching over a real connection: conditional, polite, within limits, and to permitted addresses alone."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from digest.errors import FetchError
from digest.ingest.addresses import AllowedNetworks
from digest.ingest.fetch import Fetcher
from digest.model import DocumentKind
from tests.ingest.server import Answer, reply, serve

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><head><title>x</title></head><body><p>Hello there.</p></body></html>"
FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with make() as fetcher:
        yield fetcher


def make(*, allow: tuple[str, ...] = ("127.0.0.0/8",), **options: float) -> Fetcher:
    """Return a fetcher that may call loopback, without pauses."""
    settings = {"timeout_seconds": 2.0, "delay_seconds": 0.0} | options
    return Fetcher(
        user_agent="daily-dose/test",
        allow_private=allow,
        timeout_seconds=settings["timeout_seconds"],
        delay_seconds=settings["delay_seconds"],
        total_seconds=settings.get("total_seconds"),
        max_bytes=int(settings.get("max_bytes", 100_000)),
    )


def failure(fetcher: Fetcher, url: str) -> FetchError:
    """Return the error that a fetch ends with."""
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, source="gazette", now=NOW)
    assert "\n" not in str(caught.value)
    return caught.value


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
    assert fetched.max_age == timedelta(minutes=10)
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


def test_circle_of_redirects_is_left(fetcher: Fetcher) -> None:
    with serve({"/a": reply(302, Location="/b"), "/b": reply(302, Location="/a")}) as site:
        assert "circle" in str(failure(fetcher, f"{site.url}/a"))


def test_long_chain_of_redirects_is_left(fetcher: Fetcher) -> None:
    answers = {f"/{number}": reply(302, Location=f"/{number + 1}") for number in range(30)}
    with serve(answers) as site:
        assert "more than 10 times" in str(failure(fetcher, f"{site.url}/0"))


def test_redirect_to_another_scheme_is_refused(fetcher: Fetcher) -> None:
    with serve({"/a": reply(302, Location="file:///etc/hostname")}) as site:
        assert "not http" in str(failure(fetcher, f"{site.url}/a"))


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "file:///etc/hostname", "gazette", "http://", "javascript:alert(1)"]
)
def test_other_addresses_are_refused(fetcher: Fetcher, url: str) -> None:
    assert "https://example.org/feed" in str(failure(fetcher, url))


def test_private_address_is_refused_unless_allowed() -> None:
    with serve({"/a": reply(200, PAGE)}) as site, make(allow=()) as fetcher:
        message = str(failure(fetcher, f"{site.url}/a"))

    assert "private address 127.0.0.1" in message
    assert "allow_private" in message
    assert site.requests == []


def test_name_that_leads_to_loopback_is_refused() -> None:
    with serve({"/a": reply(200, PAGE)}) as site, make(allow=()) as fetcher:
        message = str(failure(fetcher, site.url.replace("127.0.0.1", "localhost") + "/a"))

    assert "private address" in message
    assert site.requests == []


def test_redirect_to_a_private_address_is_refused() -> None:
    with (
        serve({"/a": reply(302, Location="http://169.254.169.254/latest/meta-data")}) as site,
        make() as fetcher,
    ):
        assert "private address 169.254.169.254" in str(failure(fetcher, f"{site.url}/a"))


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
)  # fmt: skip
def test_no_private_address_is_allowed_by_itself(address: str) -> None:
    assert not AllowedNetworks().allows(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_address_is_allowed(address: str) -> None:
    assert AllowedNetworks().allows(address)


def test_unknown_host_says_so(fetcher: Fetcher) -> None:
    message = str(failure(fetcher, "http://nobody.invalid/feed"))

    assert "no host named nobody.invalid" in message or "did not answer in time" in message


def test_closed_port_says_so(fetcher: Fetcher) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert "Nothing answers at 127.0.0.1" in str(failure(fetcher, f"http://127.0.0.1:{port}/"))


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time, for ever."""
    handler.send_response(200)
    handler.end_headers()
    stop = threading.Event()
    try:
        while not stop.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()
    except OSError:
        return


def silence(handler: BaseHTTPRequestHandler) -> None:
    """Answer nothing while the client waits."""
    handler.connection.settimeout(3)
    try:
        handler.connection.recv(1)
    except OSError:
        return


@pytest.mark.parametrize("answer", [drip, silence])
def test_slow_server_is_left_in_time(answer: Answer) -> None:
    started = time.monotonic()
    with serve({"/a": answer}) as site, make(timeout_seconds=0.4, total_seconds=0.6) as fetcher:
        message = str(failure(fetcher, f"{site.url}/a"))

    assert "did not answer in time" in message
    assert time.monotonic() - started < 5


def test_large_document_is_left_before_it_is_read(fetcher: Fetcher) -> None:
    with serve({"/a": reply(200, PAGE, Content_Length="999999999")}) as site:
        assert "larger than 0.1 MB" in str(failure(fetcher, f"{site.url}/a"))


def test_endless_document_is_cut_off(fetcher: Fetcher) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 10_000)
        except OSError:
            return

    with serve({"/a": endless}) as site:
        assert "larger than 0.1 MB" in str(failure(fetcher, f"{site.url}/a"))


def test_document_that_unpacks_too_large_is_left(fetcher: Fetcher) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with serve({"/a": reply(200, bomb, Content_Encoding="gzip")}) as site:
        assert "larger than 0.1 MB" in str(failure(fetcher, f"{site.url}/a"))


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(PAGE)), ("deflate", zlib.compress(PAGE)), ("deflate", zlib.compress(PAGE)[2:-4])],
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


def test_password_in_an_address_is_not_shown(fetcher: Fetcher) -> None:
    with serve({}) as site:
        message = str(failure(fetcher, site.url.replace("http://", "http://jane:hunter2@") + "/a"))

    assert "hunter2" not in message


def test_threads_share_a_fetcher_one_at_a_time_per_host() -> None:
    running: list[int] = [0, 0]
    lock = threading.Lock()

    def busy(handler: BaseHTTPRequestHandler) -> None:
        with lock:
            running[0] += 1
            running[1] = max(running[1], running[0])
        threading.Event().wait(0.05)
        with lock:
            running[0] -= 1
        reply(200, PAGE)(handler)

    with serve({"/a": busy}) as site, make() as fetcher:
        threads = [
            threading.Thread(
                target=fetcher.fetch, args=(f"{site.url}/a",), kwargs={"source": "x", "now": NOW}
            )
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(site.requests) == 5
    assert running[1] == 1

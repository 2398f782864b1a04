"""Fetching over a real connection: conditional, polite, within limits, and to permitted addresses alone."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from digest import __version__
from digest.app import make_fetcher
from digest.charset import decode
from digest.config import FileConfig, load_config
from digest.errors import ConfigError, FetchError
from digest.ingest.addresses import AllowedNetworks, CheckedBackend, Deadline, RefusedAddressError
from digest.ingest.feeds import read_feed
from digest.ingest.fetch import Fetched, Fetcher
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
    """Return a fetcher that may call loopback, without pauses and without asking for robots.txt."""
    settings = {"timeout_seconds": 2.0, "delay_seconds": 0.0} | options
    return Fetcher(
        user_agent="daily-dose/test",
        allow_private=allow,
        timeout_seconds=settings["timeout_seconds"],
        delay_seconds=settings["delay_seconds"],
        total_seconds=settings.get("total_seconds"),
        max_bytes=int(settings.get("max_bytes", 100_000)),
        respects_robots=False,
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
     "255.255.255.255", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::127.0.0.1", "::",
     "::ffff:0:127.0.0.1", "192.0.0.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"],
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


def test_host_that_never_answers_is_left_alone_after_three_times() -> None:
    with serve({"/a": silence, "/b": reply(200, PAGE)}) as site, make(timeout_seconds=0.1) as fetcher:
        for _ in range(3):
            assert "did not answer in time" in str(failure(fetcher, f"{site.url}/a"))
        message = str(failure(fetcher, f"{site.url}/b"))

    assert message == "127.0.0.1 gave no answer 3 times in a row and is left alone for now. Try again later."


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


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "127.1", "0", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
     "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "0x7f000001", "localhost", "localhost."],
)  # fmt: skip
@pytest.mark.parametrize("is_redirected", [False, True])
def test_no_spelling_of_loopback_is_called(host: str, is_redirected: bool) -> None:
    with serve({"/secret": reply(200, PAGE)}) as site:
        address = f"http://{host}:{site.url.rpartition(':')[2]}/secret"
        with (
            serve({"/a": reply(302, Location=address)}, host="127.0.0.2") as other,
            make(allow=("127.0.0.2/32",)) as fetcher,
        ):
            message = str(failure(fetcher, f"{other.url}/a" if is_redirected else address))

    assert "private address" in message or "Nothing answers" in message or "no host named" in message
    assert site.requests == []


def test_name_whose_address_changes_is_judged_by_the_one_connected_to() -> None:
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])
    asked = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    backend = CheckedBackend(AllowedNetworks(), Deadline(), look_up=look_up)
    with serve({}) as site:
        port = int(site.url.rpartition(":")[2])
        for _ in range(2):
            with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.1"):
                backend.connect_tcp("rebinding.example", port, timeout=1.0)

    assert asked == ["rebinding.example"] * 2
    assert site.requests == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fd00:ec2::254]", "2852039166", "[::ffff:169.254.169.254]"]
)
def test_proxy_is_not_asked_for_private_addresses(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with serve({}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with make(allow=()) as fetcher:
            assert "private address" in str(failure(fetcher, f"http://{host}/latest"))

    assert proxy.requests == []


def test_proxy_carries_and_a_dripping_one_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"http://gazette.example/a": reply(200, PAGE), "http://gazette.example/b": drip}
    with serve(answers) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with make(allow=(), timeout_seconds=0.4, total_seconds=0.6) as fetcher:
            fetched = fetcher.fetch("http://gazette.example/a", source="x", now=NOW)
            started = time.monotonic()
            message = str(failure(fetcher, "http://gazette.example/b"))

    assert fetched.capture is not None
    assert "did not answer in time (limit 0.6 s in all)" in message
    assert time.monotonic() - started < 3


def test_proxy_of_a_kind_that_is_not_offered_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")

    with pytest.raises(ConfigError, match="socks5, which is not offered"):
        make()


JAPANESE = "<p>港は月曜日に再開した。冬の間の修理には四百二十万ドルかかったと市長は述べた。</p>"
RUSSIAN = "<p>Порт открылся в понедельник после зимнего ремонта, сказала смотрительница гавани.</p>"
CHINESE = "<p>港口星期一重新开放，冬季维修耗资四百二十万美元。市长很高兴再次看到船只。</p>"
FRENCH = "<p>Le port a rouvert lundi après l’hiver, a déclaré la mairesse à côté du quai.</p>"
ENGLISH = "<a>Home</a> » <a>City</a> » <p>The harbor reopened on Monday, and boats tied up.</p>"


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


def test_we_say_who_we_are_and_where_to_ask(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('[site]\npublic_url = "https://news.example"\n[fetch]\nallow_private = ["127.0.0.0/8"]\n')
    with serve({"/a": reply(200, PAGE)}) as site, make_fetcher(load_config(file, kind=FileConfig)) as fetcher:
        fetcher.fetch(f"{site.url}/a", source="x", now=NOW)

    assert [headers["User-Agent"] for _, headers in site.requests] == [
        f"daily-dose/{__version__} (+https://news.example)"
    ] * 2

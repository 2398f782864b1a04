"""No host leads the fetcher to where it must not go, nor holds it longer or fills it more than it may."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from digest.errors import ConfigError
from digest.ingest.addresses import AllowedNetworks, CheckedBackend, Deadline, RefusedAddressError
from digest.ingest.fetch import Fetcher
from tests.ingest.fetching import NOW, PAGE, drip, failure, make, silence
from tests.ingest.server import Answer, reply, serve


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with make() as fetcher:
        yield fetcher


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


def test_password_in_an_address_is_not_shown(fetcher: Fetcher) -> None:
    with serve({}) as site:
        message = str(failure(fetcher, site.url.replace("http://", "http://jane:hunter2@") + "/a"))

    assert "hunter2" not in message


def test_host_that_never_answers_is_left_alone_after_three_times() -> None:
    with serve({"/a": silence, "/b": reply(200, PAGE)}) as site, make(timeout_seconds=0.1) as fetcher:
        for _ in range(3):
            assert "did not answer in time" in str(failure(fetcher, f"{site.url}/a"))
        message = str(failure(fetcher, f"{site.url}/b"))

    assert message == "127.0.0.1 gave no answer 3 times in a row and is left alone for now. Try again later."


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
    "host",
    [
        "169.254.169.254",
        "169.254.169.254.",
        "localhost.",
        "[fd00:ec2::254]",
        "2852039166",
        "[::ffff:169.254.169.254]",
    ],
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

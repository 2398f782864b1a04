"""Every answer is hardened, and requests for other hosts or with too much in them are refused."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest

from digest.web.guard import LARGEST_BODY, host_name
from digest.web.site import HERE
from tests.web.conftest import Served

PATHS = ["/archive/", "/archive/daily/2026-11-24", "/u/", "/u/wrong", "/missing", "/robots.txt", "/"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_scripts_frames_sniffing_and_referrers(served: Served, path: str) -> None:
    served.send()

    headers = served.ask(path).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["news.example", "NEWS.example:443", "127.0.0.1", "localhost:9", "[::1]:8080"]
)
def test_the_sites_own_hosts_are_answered(served: Served, host: str) -> None:
    assert served.ask("/archive/", Host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "news.example.evil.example", "", "evil.example@news.example", "[", "a b"]
)
def test_other_hosts_are_refused(served: Served, host: str) -> None:
    link = served.link(served.add_reader())

    assert served.ask("/archive/", Host=host).status in (400, 403)
    assert served.ask(link, "POST", Host=host).status in (400, 403)
    assert served.is_reader()


def test_a_forwarded_host_changes_nothing(served: Served) -> None:
    answer = served.ask("/archive/daily/feed.xml", X_Forwarded_Host="evil.example", X_Forwarded_Proto="ftp")

    assert "evil" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_as_get_does_without_a_body(served: Served, path: str) -> None:
    got, head = served.ask(path), served.ask(path, "HEAD")

    assert head.status == got.status
    assert head.body == b""
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_and_change_nothing(served: Served, method: str) -> None:
    link = served.link(served.add_reader())

    answer = served.ask(link, method)

    assert answer.status == 405
    assert served.is_reader()


def test_a_body_that_is_too_large_is_refused(served: Served) -> None:
    link = served.link(served.add_reader())

    answer = served.ask(link, "POST", body=b"x" * (LARGEST_BODY + 1))

    assert answer.status == 413
    assert served.is_reader()


def test_a_body_of_unknown_length_is_not_waited_for(served: Served) -> None:
    def drops() -> Iterator[bytes]:
        yield b"List-Unsubscribe="
        yield b"One-Click"

    link = served.link(served.add_reader())

    assert served.ask(link, "POST", body=drops(), Transfer_Encoding="chunked").status == 200
    assert not served.is_reader()


@pytest.mark.parametrize(
    ("netloc", "host"),
    [
        ("a.example", "a.example"),
        ("A.example:80", "a.example"),
        ("[::1]:80", "::1"),
        ("x@a.example", ""),
        ("[", ""),
    ],
)
def test_a_host_is_read_without_its_port(netloc: str, host: str) -> None:
    assert host_name(netloc) == host


def test_every_language_has_every_text_with_the_same_places() -> None:
    def places(text: str) -> int:
        return text.count("{title}")

    english = tomllib.loads((HERE / "words" / "en.toml").read_text(encoding="utf-8"))
    for path in (HERE / "words").glob("*.toml"):
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
        assert list(texts) == list(english), path.name
        for name, text in texts.items():
            assert places(text) == places(english[name]), (path.name, name)

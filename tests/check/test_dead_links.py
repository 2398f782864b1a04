"""Links are asked about over real HTTP: which are gone, which are not known, and within a time."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler

from digest.model import Finding
from digest.pipeline.dead_links import find_dead_links
from tests.ingest.fetching import NOW, make
from tests.ingest.server import Answer, reply, serve


def look(html: str, *, seconds: float = 20.0) -> list[Finding]:
    return find_dead_links(html, make, now=NOW, seconds=seconds)


def links_to(*addresses: str) -> str:
    return "".join(f'<a href="{address}">a</a>' for address in addresses)


def test_a_link_that_is_gone_is_named_and_one_that_leads_somewhere_is_not() -> None:
    answers = {"/story": reply(body=b"news"), "/moved": reply(301, Location="/story"), "/gone": reply(410)}
    with serve(answers) as site:
        paths = ("story", "moved", "gone", "never", "never")
        found = look(links_to(*(f"{site.url}/{path}" for path in paths)))

        assert [(f.rule, f.severity, f.where) for f in found] == [
            ("dead-link", "warning", f"{site.url}/gone"),
            ("dead-link", "warning", f"{site.url}/never"),
        ]
        assert "410" in found[0].message and "404" in found[1].message


def test_a_server_that_refuses_heads_is_asked_as_a_reader_would() -> None:
    with serve({"/story": reply(body=b"x" * 500_000)}) as site:
        assert look(links_to(f"{site.url}/story")) == []
        assert [path for path, _ in site.requests] == ["/story"]


def test_a_server_that_is_not_there_is_a_dead_link() -> None:
    with socket.socket() as bound:  # it listens to nobody, and keeps the port from others
        bound.bind(("127.0.0.1", 0))
        found = look(links_to(f"http://127.0.0.1:{bound.getsockname()[1]}/story"))

    assert [f.rule for f in found] == ["dead-link"]


def test_an_answer_that_may_be_for_us_alone_proves_nothing() -> None:
    with serve({"/story": reply(403), "/busy": reply(503)}) as site:
        found = look(links_to(f"{site.url}/story", f"{site.url}/busy"))

    assert [(f.rule, f.severity) for f in found] == [("link-unknown", "info")] * 2


def test_what_does_not_answer_in_time_is_said_not_to_be_known() -> None:
    is_over = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        is_over.wait(5)

    answers: dict[str, Answer] = {"/slow": silent, "/story": reply()}
    with serve(answers) as site:
        found = look(links_to(f"{site.url}/slow", f"{site.url}/story"), seconds=0.6)
        is_over.set()

    assert [(f.rule, f.where) for f in found] == [("link-unknown", f"{site.url}/slow")]


def test_links_without_a_web_address_are_not_asked() -> None:
    with serve({}) as site:
        html = links_to("mailto:a@b.example", "@@VIEW@@", f"{site.url}/u/@@NAME@@", "", "#top")

        assert look(html) == []
        assert site.requests == []

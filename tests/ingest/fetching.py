"""What tests of fetching use: a fetcher that may call this machine, and pages to fetch."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest

from digest.errors import FetchError
from digest.ingest.fetch import Fetcher

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><head><title>x</title></head><body><p>Hello there.</p></body></html>"
FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


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

"""Fetch pages and feeds over HTTP: conditionally, politely, within limits, from public addresses alone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import httpx

from digest.charset import find_encoding
from digest.errors import FetchError, SourceError
from digest.ingest.addresses import AllowedNetworks, Deadline
from digest.ingest.caching import max_age, retry_at
from digest.ingest.complaints import explain_failure, explain_status, shown
from digest.ingest.sniff import sniff
from digest.ingest.transport import make_transports
from digest.ingest.unpack import BodyTooLargeError, DamagedBodyError, unpack_body
from digest.model import Capture

MAX_REDIRECTS = 10
REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch brought. `capture` is None when the document has not changed since the last fetch.

    `url` is the address after redirects. Keep `etag` and `last_modified` as they are, and only once the
    document was read successfully. `max_age` is how long the server says that it stays fresh.
    """

    capture: Capture | None
    url: str
    etag: str | None = None
    last_modified: str | None = None
    retry_at: datetime | None = None
    max_age: timedelta | None = None


@dataclass(slots=True)
class _Host:
    """One host's turn: a lock, when its last answer came, and until when it asked to be left alone."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    retry_at: datetime | None = None


class Fetcher:
    """Fetch documents; one may be shared by threads. Use it as a context manager, or close it.

    One connection at a time goes to a host, with `delay_seconds` between them. `timeout_seconds` limits each
    wait for bytes; `total_seconds` (three times that, unless given) the whole fetch. `allow_private` are the
    ranges of addresses that are refused otherwise. Proxies come from the environment (HTTPS_PROXY, NO_PROXY).
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: Sequence[str] = (),
        timeout_seconds: float = 20.0,
        max_bytes: int = 10_000_000,
        total_seconds: float | None = None,
        delay_seconds: float = 0.2,
    ) -> None:
        self._deadline = Deadline()
        self._allowed = AllowedNetworks(allow_private)
        self._timeout_seconds = timeout_seconds
        self._total_seconds = total_seconds or 3 * timeout_seconds
        self._max_bytes = max_bytes
        self._delay_seconds = delay_seconds
        self._hosts: dict[str, _Host] = {}
        self._hosts_lock = threading.Lock()
        direct, proxied = make_transports(self._allowed, self._deadline, environ=os.environ)
        self._client = httpx.Client(
            transport=direct,
            mounts=proxied,
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={
                "User-Agent": user_agent,
                "Accept": "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,"
                "application/feed+json,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
                "Accept-Encoding": "gzip, deflate",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are held open."""
        self._client.close()

    def fetch(
        self,
        url: str,
        *,
        source: str,
        now: datetime,
        section: str = "",
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Fetched:
        """Return the document at `url`, or that it has not changed since `etag` or `last_modified`.

        Raises FetchError with one sentence that says what to do; its `retry_at` is set where the server
        asked for a pause, and later fetches from that host fail at once until then.
        """
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        return self._fetched(self._follow(url, headers, now=now), source=source, section=section, now=now)

    def fetch_bytes(self, url: str, *, now: datetime) -> bytes:
        """Return what lies at `url`, whatever it is: a picture. Raises FetchError as `fetch` does."""
        return self._follow(url, {}, now=now).content

    def _follow(self, url: str, headers: dict[str, str], *, now: datetime) -> _Answer:
        """Ask, and go where redirects lead."""
        self._deadline.at = time.monotonic() + self._total_seconds
        seen: set[str] = set()
        address = _parsed(url)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                if str(address) in seen:
                    raise FetchError(f"{shown(url)} redirects in a circle. Check the address in a browser.")
                seen.add(str(address))
                answer = self._ask(address, headers, now=now)
                if isinstance(answer, _Answer):
                    return answer
                address = answer
            raise FetchError(
                f"{shown(url)} redirects more than {MAX_REDIRECTS} times. Use its final address."
            )
        finally:
            self._deadline.at = float("inf")

    def _ask(self, url: httpx.URL, headers: dict[str, str], *, now: datetime) -> httpx.URL | _Answer:
        """Make one request, in the host's turn; a redirect gives the next address."""
        host = self._host(url)
        with host.lock:
            self._wait_for(host, url, now=now)
            try:
                with self._client.stream("GET", url, headers=headers) as response:
                    if response.status_code in REDIRECTS and "location" in response.headers:
                        return _next_address(url, response.headers["location"])
                    if response.status_code not in (200, 203, 304):
                        host.retry_at = retry_at(response.headers.get("retry-after"), now=now)
                        raise explain_status(url, response, retry_at=host.retry_at)
                    return _Answer(url=url, response=response, content=self._read(response))
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
                raise explain_failure(url, exc, seconds=self._timeout_seconds) from exc
            except (BodyTooLargeError, DamagedBodyError) as exc:
                raise FetchError(f"{shown(url)} {exc}.") from exc
            finally:
                host.free_at = time.monotonic() + self._delay_seconds

    def _read(self, response: httpx.Response) -> bytes:
        if response.status_code == 304:
            return b""
        length = response.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > self._max_bytes:
            raise BodyTooLargeError(self._max_bytes)
        raw: Iterator[bytes] = response.iter_raw(65_536)
        coding = response.headers.get("content-encoding", "")
        body = unpack_body(raw, coding=coding, max_bytes=self._max_bytes)
        if body[:2] == b"\x1f\x8b":  # a packed file, as feed.xml.gz
            body = unpack_body([body], coding="gzip", max_bytes=self._max_bytes)
        return body

    def _host(self, url: httpx.URL) -> _Host:
        with self._hosts_lock:
            return self._hosts.setdefault(url.host, _Host())

    def _wait_for(self, host: _Host, url: httpx.URL, *, now: datetime) -> None:
        if host.retry_at and host.retry_at > now:
            raise FetchError(
                f"{url.host} asked for a pause until {host.retry_at:%Y-%m-%d %H:%M} UTC. Try again then.",
                retry_at=host.retry_at,
            )
        pause = host.free_at - time.monotonic()
        if pause > 0:
            time.sleep(pause)

    def _fetched(self, answer: _Answer, *, source: str, section: str, now: datetime) -> Fetched:
        headers = answer.response.headers
        capture = None
        if answer.response.status_code != 304:
            capture = _capture(answer, source=source, section=section, now=now)
        return Fetched(
            capture=capture,
            url=str(answer.url),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            retry_at=retry_at(headers.get("retry-after"), now=now),
            max_age=max_age(headers.get("cache-control")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    url: httpx.URL
    response: httpx.Response
    content: bytes


def _capture(answer: _Answer, *, source: str, section: str, now: datetime) -> Capture:
    content_type = answer.response.headers.get("content-type", "")
    content = answer.content
    encoding = find_encoding(content, content_type=content_type)
    try:
        kind = sniff(content, encoding=encoding)
    except SourceError as exc:
        raise FetchError(f"{shown(answer.url)} cannot be read: {exc}.") from exc
    return Capture(
        source=source,
        kind=kind,
        content=content,
        fetched_at=now.astimezone(UTC),
        url=str(answer.url.copy_with(userinfo=b"")),
        content_type=content_type,
        encoding=encoding,
        section=section,
    )


def _parsed(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError) as exc:
        raise FetchError(
            f"{url!r} is not an address we can fetch. Write it as https://example.org/feed."
        ) from exc
    if address.scheme not in ("http", "https") or not address.host:
        raise FetchError(
            f"{shown(url)} is not an http or https address. Write it as https://example.org/feed."
        )
    return address


def _next_address(url: httpx.URL, location: str) -> httpx.URL:
    try:
        address = url.join(location)
    except (httpx.InvalidURL, ValueError) as exc:
        raise FetchError(
            f"{shown(url)} redirects to an address that cannot be read. Use another address."
        ) from exc
    if address.scheme not in ("http", "https") or not address.host:
        raise FetchError(f"{shown(url)} redirects to {shown(address)}, which is not http or https.")
    return address.copy_with(fragment=None)

"""Fetch pages and feeds over HTTP: conditionally, politely, within limits, from public addresses alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Self

import httpx

from digest.charset import find_encoding
from digest.errors import FetchError, SourceError
from digest.ingest import robots
from digest.ingest.caching import retry_at
from digest.ingest.complaints import AnsweredError, RedirectError, explain_robots, shown
from digest.ingest.robots import Robots
from digest.ingest.sniff import sniff
from digest.ingest.trip import Answer, Traveller, Trip
from digest.ingest.turns import Turns
from digest.model import Capture, DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch brought. `capture` is None when the document has not changed since the last fetch.

    `url` is the address after redirects; `moved_to` the one to keep, where the server said that the document
    has moved for good. Keep `etag` and `last_modified` as they are, and only once the document was read
    successfully.
    """

    capture: Capture | None
    url: str
    moved_to: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_at: datetime | None = None


class Fetcher:
    """Fetch documents; one may be shared by threads. Use it as a context manager, or close it.

    At most two connections at a time go to a host, `delay_seconds` between their starts. `timeout_seconds`
    limits each wait for bytes; `total_seconds` (three times that, unless given) the whole fetch, not counting
    the wait for its turn. `allow_private` are the ranges of addresses that are refused otherwise. Proxies come
    from the environment (HTTPS_PROXY, NO_PROXY). Cookies live as long as one fetch.
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
        respects_robots: bool = True,
    ) -> None:
        self._turns = Turns(delay_seconds=delay_seconds)
        self._token = robots.product_token(user_agent)
        self._robots = robots.RobotsMemory() if respects_robots else None
        self._traveller = Traveller(
            user_agent=user_agent,
            allow_private=allow_private,
            timeout_seconds=timeout_seconds,
            total_seconds=total_seconds or 3 * timeout_seconds,
            max_bytes=max_bytes,
            turns=self._turns,
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
        self._traveller.close()

    def fetch(
        self,
        url: str,
        *,
        source: str,
        now: datetime,
        section: str = "",
        etag: str | None = None,
        last_modified: str | None = None,
        is_feed: bool = False,
    ) -> Fetched:
        """Return the document at `url`, or that it has not changed since `etag` or `last_modified`.

        A page is read where its site's robots.txt allows it. The address of a feed or sitemap `is_feed`: it is
        not asked about, unless a page is what it leads to. Raises FetchError with one sentence that says what
        to do; its `retry_at` is set where the server asked for a pause, and later fetches from that host fail
        at once until then.
        """
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        trip = self._traveller.start(now=now, headers=headers)
        before = None if is_feed else partial(self._ask_robots, now=now)
        answer = self._traveller.follow(_parsed(url), trip, before=before)
        capture = None
        if answer.status != 304:
            capture = _capture(answer, source=source, section=section, now=now)
        elif not headers:
            raise FetchError(
                f"{shown(url)} answered 304 (unchanged), though we have not read it before. Try again later."
            )
        if is_feed and capture and capture.kind in (DocumentKind.PAGE, DocumentKind.DUMP):
            self._ask_robots(answer.url, now=now)
        return _fetched(answer, trip, capture)

    def fetch_bytes(self, url: str, *, now: datetime) -> bytes:
        """Return what lies at `url`, whatever it is: a picture. Raises FetchError as `fetch` does."""
        return self._traveller.follow(_parsed(url), self._traveller.start(now=now)).content

    def probe(self, url: str, *, now: datetime, seconds: float) -> None:
        """Ask whether `url` still leads somewhere, for its head alone or, where that is refused, as a reader would.

        Raises FetchError as `fetch` does. Nothing is read, so robots.txt is not asked.
        """
        address, traveller = _parsed(url), self._traveller
        try:
            traveller.follow(address, traveller.probe(now=now, method="HEAD", seconds=seconds))
        except AnsweredError as exc:
            if exc.status == 429:
                raise
            traveller.follow(address, traveller.probe(now=now, method="GET", seconds=seconds))

    def _ask_robots(self, url: httpx.URL, *, now: datetime) -> None:
        """Raise FetchError where the site's robots.txt asks us not to read `url`; read that file if need be."""
        if self._robots is None:
            return
        site = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"
        found = self._robots.of(site, load=lambda: self._load_robots(url, now=now), now=now)
        if not found.allows(str(url)):
            raise explain_robots(url, found, limit=self._traveller.limit())

    def _load_robots(self, url: httpx.URL, *, now: datetime) -> Robots:
        trip = self._traveller.start(
            now=now, max_redirects=robots.MAX_REDIRECTS, first_bytes=robots.MAX_BYTES
        )
        address = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        try:
            answer = self._traveller.follow(address, trip)
        except AnsweredError as exc:
            if exc.status < 500 and exc.status != 429:
                return Robots()
            return Robots(problem=f"answered {exc.status}", retry_at=exc.retry_at)
        except RedirectError:
            return Robots()
        except FetchError as exc:
            cause = exc.__cause__
            if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout) and len(trip.seen) == 1:
                return Robots(problem=cause, retry_at=exc.retry_at)
            is_late = isinstance(cause, httpx.TimeoutException)
            why = "did not come in time" if is_late else "could not be fetched"
            return Robots(problem=why, retry_at=exc.retry_at)
        found = robots.parse_robots(answer.content, token=self._token)
        self._turns.space(url.host, seconds=found.delay_seconds)
        return found


def _fetched(answer: Answer, trip: Trip, capture: Capture | None) -> Fetched:
    headers = answer.headers
    kept = trip.headers if answer.status == 304 else {}
    return Fetched(
        capture=capture,
        url=str(answer.url),
        moved_to=str(trip.moved_to.copy_with(userinfo=b"")) if trip.moved_to else None,
        etag=headers.get("etag") or kept.get("If-None-Match"),
        last_modified=headers.get("last-modified") or kept.get("If-Modified-Since"),
        retry_at=retry_at(headers.get("retry-after"), now=trip.now),
    )


def _capture(answer: Answer, *, source: str, section: str, now: datetime) -> Capture:
    content_type = answer.headers.get("content-type", "")
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

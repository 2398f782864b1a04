"""Go where an address and its redirects lead: each request in its host's turn, the whole within limits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from digest.errors import FetchError
from digest.ingest.addresses import AllowedNetworks, Deadline
from digest.ingest.caching import retry_at
from digest.ingest.complaints import RedirectError, explain_failure, explain_status, shown
from digest.ingest.transport import make_transports
from digest.ingest.turns import Turns
from digest.ingest.unpack import BodyTooLargeError, DamagedBodyError, unpack_body

MAX_REDIRECTS = 10
REDIRECTS = {301, 302, 303, 307, 308}
FOR_GOOD = {301, 308}
ASK_FOR_PAUSE = {403, 429, 500, 502, 503, 504}
"""Answers whose Retry-After speaks for the whole host; that of a page that is missing speaks for itself."""
ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,"
    "application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5"
)


@dataclass(slots=True, kw_only=True)
class Trip:
    """One document's way through redirects: what it carries along, and how many seconds it has left."""

    headers: dict[str, str]
    now: datetime
    seconds_left: float
    method: str = "GET"
    wants_body: bool = True
    max_redirects: int = MAX_REDIRECTS
    first_bytes: int | None = None
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    seen: set[tuple[str, str]] = field(default_factory=set)
    moved_to: httpx.URL | None = None
    is_moving: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a trip ended with: 200, 203 or 304; `url` is where."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    url: httpx.URL
    is_for_good: bool


class Traveller:
    """Make trips; threads share one.

    `timeout_seconds` limits each wait for bytes and `total_seconds` a trip, not counting the waits for its
    turn. Cookies live as long as one trip.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: Sequence[str],
        timeout_seconds: float,
        total_seconds: float,
        max_bytes: int,
        turns: Turns,
    ) -> None:
        self._deadline = Deadline()
        self._timeout_seconds = timeout_seconds
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._turns = turns
        direct, proxied = make_transports(AllowedNetworks(allow_private), self._deadline, environ=os.environ)
        self._client = httpx.Client(
            transport=direct,
            mounts=proxied,
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
        )

    def close(self) -> None:
        """Close the connections that are held open."""
        self._client.close()

    def start(
        self,
        *,
        now: datetime,
        headers: dict[str, str] | None = None,
        max_redirects: int = MAX_REDIRECTS,
        first_bytes: int | None = None,
    ) -> Trip:
        """Return a trip with all its time before it."""
        return Trip(
            headers=headers or {},
            now=now,
            seconds_left=self._total_seconds,
            max_redirects=max_redirects,
            first_bytes=first_bytes,
        )

    def probe(self, *, now: datetime, method: str, seconds: float) -> Trip:
        """Return a trip that looks at the answer alone, within `seconds`."""
        seconds_left = min(seconds, self._total_seconds)
        return Trip(headers={}, now=now, seconds_left=seconds_left, method=method, wants_body=False)

    def follow(
        self, url: httpx.URL, trip: Trip, *, before: Callable[[httpx.URL], None] | None = None
    ) -> Answer:
        """Ask, and go where redirects lead, calling `before` with each address; raise FetchError."""
        address = url
        for _ in range(trip.max_redirects + 1):
            step = (str(address), str(sorted(trip.cookies.items())))
            if step in trip.seen:
                raise RedirectError(f"{shown(url)} redirects in a circle. Check the address in a browser.")
            trip.seen.add(step)
            if before is not None:
                before(address)
            answer = self._ask(address, trip)
            if isinstance(answer, Answer):
                return answer
            address = answer.url
            trip.is_moving = trip.is_moving and answer.is_for_good
            if trip.is_moving:
                trip.moved_to = address
        raise RedirectError(
            f"{shown(url)} redirects more than {trip.max_redirects} times. Use its final address."
        )

    def limit(self) -> str:
        """Return in words how long we wait."""
        is_over = self._deadline.is_over
        return f"{self._total_seconds:g} s in all" if is_over else f"{self._timeout_seconds:g} s"

    def _ask(self, url: httpx.URL, trip: Trip) -> _Redirect | Answer:
        """Make one request, in the host's turn; a redirect gives the next address."""
        with self._turns.turn(url.host, now=trip.now):
            started = time.monotonic()
            self._deadline.at = started + trip.seconds_left
            is_answered = True
            try:
                return self._request(url, trip)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
                is_answered = not isinstance(exc, httpx.TimeoutException)
                raise explain_failure(url, exc, limit=self.limit()) from exc
            except (BodyTooLargeError, DamagedBodyError) as exc:
                raise FetchError(f"{shown(url)} {exc}.") from exc
            finally:
                self._deadline.at = float("inf")
                trip.seconds_left -= time.monotonic() - started
                self._turns.heard(url.host, is_answered=is_answered)

    def _request(self, url: httpx.URL, trip: Trip) -> _Redirect | Answer:
        request = self._client.build_request(trip.method, url, headers=trip.headers)
        trip.cookies.set_cookie_header(request)
        response = self._client.send(request, stream=True)
        try:
            trip.cookies.extract_cookies(response)
            status = response.status_code
            if status in REDIRECTS and "location" in response.headers:
                return _Redirect(
                    url=_next_address(url, response.headers["location"]), is_for_good=status in FOR_GOOD
                )
            if status not in (200, 203, 304):
                until = retry_at(response.headers.get("retry-after"), now=trip.now)
                if status in ASK_FOR_PAUSE:
                    self._turns.pause(url.host, until=until, now=trip.now)
                raise explain_status(url, status, retry_at=until)
            has_body = trip.wants_body and status != 304
            content = self._read(response, first_bytes=trip.first_bytes) if has_body else b""
            return Answer(url=url, status=status, headers=response.headers, content=content)
        finally:
            response.close()

    def _read(self, response: httpx.Response, *, first_bytes: int | None) -> bytes:
        length = response.headers.get("content-length", "")
        if first_bytes is None and length.isascii() and length.isdigit() and int(length) > self._max_bytes:
            raise BodyTooLargeError(self._max_bytes)
        raw: Iterable[bytes] = response.iter_raw(65_536)
        if first_bytes is not None:
            raw = _first(raw, first_bytes)
        coding = response.headers.get("content-encoding", "")
        body = unpack_body(raw, coding=coding, max_bytes=self._max_bytes)
        if body[:2] == b"\x1f\x8b":  # a packed file, as feed.xml.gz
            body = unpack_body([body], coding="gzip", max_bytes=self._max_bytes)
        return body


def _next_address(url: httpx.URL, location: str) -> httpx.URL:
    try:
        address = url.join(location)
    except (httpx.InvalidURL, ValueError) as exc:
        raise FetchError(
            f"{shown(url)} redirects to an address that cannot be read. Use another address."
        ) from exc
    if address.scheme not in ("http", "https") or not address.host:
        raise FetchError(
            f"{shown(url)} redirects to {shown(address)}, which is not http or https. Use another address."
        )
    return address.copy_with(fragment=None)


def _first(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Yield the first `count` bytes."""
    for chunk in chunks:
        yield chunk[:count]
        count -= len(chunk)
        if count <= 0:
            return

"""Ask of each link of an email whether it still leads somewhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial

import httpx

from digest.check.document import info, parse_document, warning
from digest.check.links import web_links
from digest.errors import FetchError
from digest.ingest.complaints import AnsweredError, RedirectError
from digest.ingest.fetch import Fetcher
from digest.model import Finding

LINKS_AT_ONCE = 8
LINK_SECONDS = 10.0
ALL_SECONDS = 30.0
GONE = (404, 410)


def find_dead_links(
    html: str, make_fetcher: Callable[[], Fetcher], *, now: datetime, seconds: float = ALL_SECONDS
) -> list[Finding]:
    """Return a finding for each link that leads nowhere, or of which that could not be learned within `seconds`."""
    document = parse_document(html)
    urls = web_links(document) if document else []
    if not urls:
        return []
    with make_fetcher() as fetcher:
        pool = ThreadPoolExecutor(max_workers=LINKS_AT_ONCE)
        probe = partial(fetcher.probe, now=now, seconds=min(LINK_SECONDS, seconds))
        asked = {url: pool.submit(probe, url) for url in urls}
        done, _ = wait(asked.values(), timeout=seconds)
        pool.shutdown(wait=False, cancel_futures=True)
        found = [_finding(url, future if future in done else None, seconds) for url, future in asked.items()]
    return [finding for finding in found if finding is not None]


def _finding(url: str, asked: Future[None] | None, seconds: float) -> Finding | None:
    where = url if len(url) <= 80 else url[:77] + "..."
    if asked is None:
        return info(
            "link-unknown", where, f"This link did not get its turn within {seconds:g} s. Check again."
        )
    problem = asked.exception()
    if problem is None:
        return None
    if not isinstance(problem, FetchError):
        raise problem
    if isinstance(problem, AnsweredError):
        if problem.status < 400:
            return None
        if problem.status in GONE:
            message = f"This link answers {problem.status}: there is no such page. Change or drop it."
            return warning("dead-link", where, message)
        return info("link-unknown", where, f"This link answers {problem.status} to us. Open it in a browser.")
    cause = problem.__cause__
    is_lost = isinstance(cause, httpx.HTTPError) and not isinstance(cause, httpx.TimeoutException)
    if is_lost or isinstance(problem, RedirectError):
        return warning("dead-link", where, f"This link cannot be followed: {problem}")
    return info("link-unknown", where, f"Whether this link works is not known: {problem}")

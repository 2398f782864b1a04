"""Read the stories that a sitemap lists: choose the new pages, and fetch them.

What a sitemap calls changed is not what it calls published: a page's `lastmod` chooses it, and never dates it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import NoStoryError, SourceError
from digest.extract.story import merge_entry, story_from_entry
from digest.ingest.sitemap import MAX_ENTRIES, ListedPage, ListedSitemap, read_sitemap
from digest.model import Capture, DocumentKind, Failure, Story

if TYPE_CHECKING:
    from digest.ingest.fetch import Fetcher

MOST_PAGES = 100
"""So many pages of one sitemap are fetched at a time, the newest first."""
MOST_SITEMAPS = 5
"""So many sitemaps of one index are read at a time, the last changed first."""


def _never(url: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The pages that a feed or sitemap leads to: what was known of them before, and how each went now.

    `is_known` says that an address's story is kept already. `read_before` are those whose own pages were read,
    and `failed` gave no story when they were last asked.
    """

    is_known: Callable[[str], bool] = _never
    read_before: Collection[str] = ()
    failed: Collection[str] = ()
    read: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What the pages of a sitemap are followed with, and which of them: those younger than `since`.

    `read_page` reads a fetched page.
    """

    fetcher: Fetcher
    read_page: Callable[[Capture], Story]
    visits: Visits
    now: datetime
    since: datetime


def follow_sitemap(document: Capture, by: Following) -> Iterator[Story | Failure]:
    """Yield the stories of the new pages that a fetched sitemap lists, and what could not be read."""
    pages, failures = _pages_of(document, by)
    yield from failures
    if pages and not any(page.dated for page in pages):
        yield _failure(
            document, "is a sitemap without dates: nobody can tell what is new. Use a news sitemap."
        )
        return
    new = choose_pages(pages, since=by.since, visits=by.visits)
    if len(new) > MOST_PAGES:
        yield _failure(
            document,
            f"lists {len(new)} new pages; the newest {MOST_PAGES} are read, the others left for another time.",
        )
    yield from _follow(new[:MOST_PAGES], document, by)


def saved_stories(document: Capture) -> Iterator[Story | Failure]:
    """Yield what a saved sitemap itself tells of stories, without the network: titles, dates and addresses."""
    try:
        sitemap = read_sitemap(document)
    except SourceError as exc:
        yield Failure(subject=document.source, message=str(exc))
        return
    if sitemap.is_cut:
        yield _cut(document)
    if sitemap.children:
        yield _failure(
            document, f"is an index of {len(sitemap.children)} sitemaps. Read its address, or one of these."
        )
    titled = [page.entry for page in sitemap.pages if page.entry.title]
    for entry in titled:
        yield story_from_entry(entry, document)
    untitled = len(sitemap.pages) - len(titled)
    if untitled:
        yield _failure(
            document,
            f"is a sitemap with {untitled} addresses and no titles for them. Read its address instead.",
        )
    elif not sitemap.pages and not sitemap.children:
        yield _failure(document, "is a sitemap that lists nothing.")


def choose_pages(pages: Iterable[ListedPage], *, since: datetime, visits: Visits) -> list[ListedPage]:
    """Return the pages that are young and not known, the newest first, each address once.

    Those that failed before come last, so that they keep no other from its turn. A site's
    front page is no story, however often it changes.
    """
    young: dict[str, ListedPage] = {}
    for page in pages:
        url = page.entry.url
        if url and page.dated and page.dated >= since and not _is_front(url):
            young.setdefault(url, page)
    unread = [page for url, page in young.items() if not visits.is_known(url)]
    newest = sorted(unread, key=lambda page: page.dated or since, reverse=True)
    return sorted(newest, key=lambda page: page.entry.url in visits.failed)


def choose_sitemaps(children: Sequence[ListedSitemap], *, since: datetime) -> list[ListedSitemap]:
    """Return the sitemaps of an index that may list what is new, the likeliest first.

    Those that changed since then come first, then the undated ones, of news before others. Where all are
    old by their dates, the newest is taken in spite of it.
    """
    dated = sorted(
        (child for child in children if child.changed_at),
        key=lambda child: child.changed_at or since,
        reverse=True,
    )
    undated = sorted(
        (child for child in children if not child.changed_at),
        key=lambda child: "news" not in child.url.lower(),
    )
    # A sitemap's own date may be a day without an hour.
    margin = since - timedelta(days=1)
    young = [child for child in dated if child.changed_at and child.changed_at >= margin]
    return [*young, *undated] or dated[:1]


def _pages_of(document: Capture, by: Following) -> tuple[list[ListedPage], list[Failure]]:
    """Return the pages of a sitemap, or of those that an index names."""
    try:
        sitemap = read_sitemap(document)
    except SourceError as exc:
        return [], [Failure(subject=document.source, message=str(exc))]
    failures = [_cut(document)] if sitemap.is_cut else []
    pages = list(sitemap.pages)
    chosen = choose_sitemaps(sitemap.children, since=by.since)
    if len(chosen) > MOST_SITEMAPS:
        failures.append(
            _failure(document, f"names {len(chosen)} sitemaps; the {MOST_SITEMAPS} likeliest are read.")
        )
    for child in chosen[:MOST_SITEMAPS]:
        try:
            pages += _pages_of_child(child, document, by)
        except SourceError as exc:
            failures.append(Failure(subject=document.source, message=str(exc)))
    return pages, failures


def _pages_of_child(child: ListedSitemap, index: Capture, by: Following) -> tuple[ListedPage, ...]:
    fetched = by.fetcher.fetch(
        child.url, source=index.source, section=index.section, now=by.now, is_feed=True
    )
    if fetched.capture is None or fetched.capture.kind is not DocumentKind.SITEMAP:
        raise SourceError(f"{index.source} names {child.url} as a sitemap, which it is not.")
    sitemap = read_sitemap(fetched.capture)
    if sitemap.children:
        raise SourceError(f"{child.url} is an index within an index of sitemaps, which is not followed.")
    return sitemap.pages


def _follow(pages: Sequence[ListedPage], document: Capture, by: Following) -> Iterator[Story | Failure]:
    """Fetch pages. Among those of no news sitemap, ones without a story are expected, and told together."""
    empty: list[str] = []
    for page in pages:
        url = page.entry.url or ""
        name = f"“{page.entry.title[:80]}”" if page.entry.title else url
        try:
            fetched = by.fetcher.fetch(url, source=document.source, section=document.section, now=by.now)
            if fetched.capture is not None:
                yield merge_entry(by.read_page(fetched.capture), page.entry)
                by.visits.read.append(url)
        except NoStoryError as exc:
            by.visits.missed.append(url)
            if page.is_news:
                yield Failure(subject=document.source, message=f"{name} has no page to read: {exc}")
            else:
                empty.append(url)
        except SourceError as exc:
            by.visits.missed.append(url)
            yield Failure(subject=document.source, message=f"{name} has no page to read: {exc}")
    if empty:
        yield _failure(
            document,
            f"lists {len(empty)} new pages without a story, of {len(pages)}. The first is {empty[0]}.",
        )


def _is_front(url: str) -> bool:
    return url.partition("://")[2].partition("?")[0].partition("/")[2].strip("/") == ""


def _cut(document: Capture) -> Failure:
    return _failure(document, f"lists more than {MAX_ENTRIES} addresses; the rest was left out.")


def _failure(document: Capture, message: str) -> Failure:
    return Failure(subject=document.source, message=f"{document.source} {message}")

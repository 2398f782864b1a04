"""Read stories: out of whatever a person names, or out of the configured sources into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from digest.errors import FetchError, SourceError
from digest.extract.site_rules import NO_RULES, SiteRules
from digest.extract.story import is_truncated, merge_entry, read_story, story_from_entry
from digest.ingest.documents import open_documents
from digest.ingest.feed_fields import bare_address
from digest.ingest.feed_link import explain_page
from digest.ingest.feeds import read_feed
from digest.ingest.robots import looks_like_feed
from digest.model import Capture, DocumentKind, Failure, FeedEntry, Story
from digest.pipeline.report import FetchReport
from digest.pipeline.sitemaps import Following, Visits, follow_sitemap, saved_stories
from digest.pipeline.watching import read_files
from digest.store.last_fetch import LastFetch

if TYPE_CHECKING:
    # Named in signatures alone. They take SQLAlchemy, pydantic and httpx, which reading files needs nothing of.
    from digest.config import Config, SourceSettings
    from digest.ingest.fetch import Fetched, Fetcher
    from digest.store.stories import Stories

HOSTS_AT_ONCE = 8
FOLLOW_FOR = timedelta(days=3)
"""The page behind a cut feed entry is fetched while the entry is this young; older ones keep the feed's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What stories are read with. Without a fetcher, a feed's entries are taken as they stand."""

    now: datetime
    rules: SiteRules
    fetcher: Fetcher | None = None
    visits: Visits = field(default_factory=Visits)


def is_address(argument: str) -> bool:
    """Say whether an argument is to be fetched rather than opened."""
    return argument.lower().startswith(("http://", "https://"))


def read_arguments(
    arguments: Iterable[str],
    *,
    make_fetcher: Callable[[], Fetcher],
    now: datetime,
    rules: SiteRules = NO_RULES,
) -> Iterator[Story | Failure]:
    """Read the stories of files, folders and addresses, in input order; each bad one is a Failure.

    The network is used only for addresses: a saved feed's entries are taken as they stand. `rules` are those
    for the pages of single sites.
    """
    offline = _Means(now=now, rules=rules)
    fetcher: Fetcher | None = None
    try:
        for argument in arguments:
            if is_address(argument):
                fetcher = fetcher or make_fetcher()
                yield from _read_address(argument, fetcher, replace(offline, fetcher=fetcher))
                continue
            for document in open_documents([argument], now=now):
                yield from _stories_of(document, offline)
    finally:
        if fetcher is not None:
            fetcher.close()


def fetch_sources(
    sources: Sequence[SourceSettings],
    *,
    config: Config,
    stories: Stories,
    fetcher: Fetcher,
    now: datetime,
    rules: SiteRules = NO_RULES,
    on_done: Callable[[SourceSettings], None] = lambda source: None,
) -> FetchReport:
    """Read the configured sources into the store, several at once; each is saved as soon as it is read."""

    means = _Means(now=now, rules=rules, fetcher=fetcher)

    def one(source: SourceSettings) -> FetchReport:
        report = FetchReport()
        for address in _addresses(source):
            report += _fetch_address(source, address, stories, fetcher, means)
        if source.paths:
            offline = replace(means, fetcher=None)
            report += read_files(
                source,
                config=config,
                stories=stories,
                read=lambda document: _stories_of(document, offline),
                now=now,
            )
        on_done(source)
        return report

    with ThreadPoolExecutor(max_workers=HOSTS_AT_ONCE) as pool:
        return sum(pool.map(one, sources), FetchReport())


def _addresses(source: SourceSettings) -> tuple[str, ...]:
    return (source.url,) if source.kind == "feed" else source.urls


def _fetch_address(
    source: SourceSettings, address: str, stories: Stories, fetcher: Fetcher, means: _Means
) -> FetchReport:
    now = means.now
    last = stories.last_fetch(source.name, address)
    if last.retry_at is not None and last.retry_at > now:
        return FetchReport(reached=1)
    try:
        fetched = fetcher.fetch(
            address,
            source=source.name,
            section=source.section,
            now=now,
            etag=last.etag,
            last_modified=last.last_modified,
            is_feed=source.kind == "feed",
        )
    except FetchError as exc:
        stories.record_fetch(
            source.name,
            address,
            replace(
                last, fetched_at=now, failures=last.failures + 1, last_error=str(exc), retry_at=exc.retry_at
            ),
        )
        return FetchReport(failures=(Failure(subject=_subject(source, address), message=str(exc)),))
    return _keep(source, address, fetched, stories, means)


def _keep(
    source: SourceSettings, address: str, fetched: Fetched, stories: Stories, means: _Means
) -> FetchReport:
    """Save what was fetched; the validators only where all of it was read, so that nothing is passed over."""
    report = FetchReport(reached=1)
    subject = _subject(source, address)
    is_whole = True
    if fetched.capture is not None and _is_expected(source, fetched.capture):
        known = stories.last_fetches(source.name)
        visits = Visits(
            is_known=partial(stories.knows, source=source.name),
            read_before={url for url, last in known.items() if last.fetched_at and not last.failures},
            failed={url for url, last in known.items() if last.failures},
        )
        found = _stories_of(fetched.capture, replace(means, visits=visits))
        report = _save(source, found, stories, means.now, subject=subject)
        is_whole = not visits.missed
        stories.record_fetches(source.name, _visited(visits, known, means.now))
    elif fetched.capture is not None:
        message = f"{bare_address(address)} {explain_page(fetched.capture)}"
        report = FetchReport(failures=(Failure(subject=subject, message=message),))
    is_read = report.read > 0 or not report.failures
    # What a sitemap lists is followed a part at a time: unchanged, it may still hold what is to be read.
    is_sitemap = fetched.capture is not None and fetched.capture.kind is DocumentKind.SITEMAP
    keeps = is_read and is_whole and not is_sitemap
    last = stories.last_fetch(source.name, address)
    stories.record_fetch(
        source.name,
        address,
        LastFetch(
            etag=fetched.etag if keeps else last.etag,
            last_modified=fetched.last_modified if keeps else last.last_modified,
            fetched_at=means.now,
            failures=0 if is_read else last.failures + 1,
            last_error=None if is_read else next((f.message for f in report.failures), None),
            retry_at=fetched.retry_at,
        ),
    )
    return replace(report, notices=_moved(subject, address, fetched))


def _visited(visits: Visits, known: Mapping[str, LastFetch], now: datetime) -> dict[str, LastFetch]:
    """Return the records of the pages that were asked for on behalf of a feed or sitemap."""
    missed = {
        url: LastFetch(fetched_at=now, failures=known.get(url, LastFetch()).failures + 1)
        for url in visits.missed
    }
    return missed | {url: LastFetch(fetched_at=now) for url in visits.read}


def _is_expected(source: SourceSettings, capture: Capture) -> bool:
    """Say whether a document is what its source gives: a feed's address may come to show a page on its repair."""
    return source.kind != "feed" or capture.kind in (DocumentKind.FEED, DocumentKind.SITEMAP)


def _moved(subject: str, address: str, fetched: Fetched) -> tuple[Failure, ...]:
    if fetched.moved_to is None:
        return ()
    message = (
        f"{bare_address(address)} has moved for good to {fetched.moved_to}. "
        "Write that address in the configuration."
    )
    return (Failure(subject=subject, message=message),)


def _subject(source: SourceSettings, address: str) -> str:
    """Name what failed: the source, and which of its addresses where it has several."""
    return source.name if len(source.urls) <= 1 else f"{source.name}, {bare_address(address)}"


def _save(
    source: SourceSettings,
    found: Iterable[Story | Failure],
    stories: Stories,
    now: datetime,
    *,
    subject: str,
) -> FetchReport:
    good: list[Story] = []
    bad: list[Failure] = []
    for one in found:
        if isinstance(one, Failure):
            bad.append(replace(one, subject=subject))
        else:
            good.append(one)
    new = stories.save(good, source=source.name, now=now, is_hand_picked=source.kind != "feed")
    is_reached = bool(good) or not bad
    return FetchReport(read=len(good), new=new, reached=int(is_reached), failures=tuple(bad))


def _read_address(address: str, fetcher: Fetcher, means: _Means) -> Iterator[Story | Failure]:
    name = bare_address(address)
    try:
        fetched = fetcher.fetch(address, source=name, now=means.now, is_feed=looks_like_feed(address))
    except FetchError as exc:
        yield Failure(subject=name, message=str(exc))
        return
    if fetched.capture is None:
        return
    is_quiet = True
    for one in _stories_of(fetched.capture, means):
        is_quiet = False
        yield one
    if is_quiet:
        days = FOLLOW_FOR.days
        yield Failure(subject=name, message=f"{name} lists nothing new of the last {days} days.")


def _stories_of(document: Capture | Failure, means: _Means) -> Iterator[Story | Failure]:
    if isinstance(document, Failure):
        yield document
    elif document.kind is DocumentKind.FEED:
        entries, failures = read_feed(document)
        yield from failures
        for entry in entries:
            is_cut = is_truncated(entry)
            if not _is_settled(entry, is_cut, means.visits):
                yield from _stories_of_entry(entry, document, is_cut, means)
    elif document.kind is DocumentKind.SITEMAP:
        yield from _stories_of_sitemap(document, means)
    else:
        try:
            yield read_story(document, rules=means.rules)
        except SourceError as exc:
            yield Failure(subject=document.source, message=str(exc))


def _is_settled(entry: FeedEntry, is_cut: bool, visits: Visits) -> bool:
    """Say whether an entry's page was read: it may go by another address than the entry, and would be new again."""
    if not entry.url:
        return False
    return entry.url in visits.read_before or (is_cut and visits.is_known(entry.url))


def _stories_of_sitemap(document: Capture, means: _Means) -> Iterator[Story | Failure]:
    if means.fetcher is None:
        yield from saved_stories(document)
        return
    following = Following(
        fetcher=means.fetcher,
        read_page=partial(read_story, rules=means.rules),
        visits=means.visits,
        now=means.now,
        since=means.now - FOLLOW_FOR,
    )
    yield from follow_sitemap(document, following)


def _stories_of_entry(
    entry: FeedEntry, feed: Capture, is_cut: bool, means: _Means
) -> Iterator[Story | Failure]:
    """Take the entry's page where the feed cuts it; where that is not to be had, say so and take the entry itself.

    An entry without any text of its own is then left to the next fetch.
    """
    fetcher, now = means.fetcher, means.now
    young = entry.published_at is None or now - entry.published_at < FOLLOW_FOR
    told: Failure | None = None
    if fetcher and entry.url and young and is_cut:
        try:
            fetched = fetcher.fetch(entry.url, source=feed.source, section=feed.section, now=now)
            if fetched.capture is not None:
                yield merge_entry(read_story(fetched.capture, rules=means.rules), entry)
                means.visits.read.append(entry.url)
                return
        except SourceError as exc:
            told = Failure(subject=feed.source, message=f"“{entry.title[:80]}” has no page to read: {exc}")
            yield told
    try:
        story = story_from_entry(entry, feed)
    except SourceError as exc:
        yield Failure(subject=feed.source, message=str(exc))
        return
    if story.text or told is None:
        yield story
    elif entry.url:
        means.visits.missed.append(entry.url)

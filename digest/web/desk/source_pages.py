"""Show the sources with their health, fetch one now, and look whether the rules for single sites still match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.config import SourceSettings
from digest.errors import ConfigError, UsageError
from digest.model import Failure
from digest.pipeline.reading import fetch_sources
from digest.pipeline.site_checks import SiteState, check_sites
from digest.pipeline.site_files import load_site_rules
from digest.store.last_fetch import LastFetch
from digest.store.story_tallies import SourceTally, StoryTallies
from digest.web.desk.jobs import Done, Job, Jobs
from digest.web.desk.room import Room
from digest.web.desk.wording import say_ago, zone_of
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]
DAYS = 14
STORIES_SHOWN = 30
ADDRESSES_SHOWN = 40
BAR_HEIGHT, BAR_STEP = 36, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressHealth:
    """What is known of one address of a source; `is_own` is one that the configuration names."""

    address: str
    is_own: bool
    last: str
    failures: int
    error: str
    retry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source stands. `bars` are the heights of its days, oldest first, and what each says."""

    source: SourceSettings
    last: str
    kept: int
    tally: SourceTally
    bars: tuple[tuple[int, int, int], ...]
    addresses: tuple[AddressHealth, ...]

    @property
    def failing(self) -> tuple[AddressHealth, ...]:
        """Return the addresses that failed the last time."""
        return tuple(one for one in self.addresses if one.failures)

    @property
    def captions(self) -> str:
        """Return how many of the pictures had a caption."""
        if not self.tally.pictures:
            return ""
        return f"{self.tally.captions} of {self.tally.pictures}"


def source_routes(room: Room, jobs: Jobs) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/sources/")
    def sources() -> Response:
        rules, problem = rules_of(room)
        told = _working(jobs) | {"days": DAYS, "rules": rules, "rules_problem": problem}
        return room.page("sources.html", sources=healths(room), **told)

    @routes.post("/sources/")
    def fetch_all(form: Form) -> Response:
        if form.one("do") == "check":
            jobs.start("check ", "Rules for single sites", lambda job: _check(room, job), now=app.now())
        else:
            named = room.config.sources
            jobs.start("fetch ", "All sources", lambda job: _fetch(room, named, job), now=app.now())
        return RedirectResponse("/sources/", status_code=303)

    @routes.get("/sources/{name}/")
    def source(name: str, told: str = "") -> Response:
        found = source_named(room, name)
        return room.page(
            "source.html",
            health=healths(room, found)[0],
            stories=StoryTallies(room.stores.engine).newest(name, limit=STORIES_SHOWN),
            days=DAYS,
            taught=told == "taught",
            shown=ADDRESSES_SHOWN,
            **_working(jobs),
        )

    @routes.post("/sources/{name}/")
    def fetch(name: str) -> Response:
        found = source_named(room, name)
        jobs.start(f"fetch {name}", name, lambda job: _fetch(room, [found], job), now=app.now())
        return RedirectResponse(f"/sources/{name}/", status_code=303)

    return routes


def source_named(room: Room, name: str) -> SourceSettings:
    """Return a configured source; raise UsageError where there is none of that name."""
    for source in room.config.sources:
        if source.name == name:
            return source
    known = ", ".join(source.name for source in room.config.sources) or "none is configured"
    raise UsageError(f"There is no source named '{name}' (known: {known}).")


def healths(room: Room, *only: SourceSettings) -> list[SourceHealth]:
    """Return how the sources stand, or some of them, in the configuration's order."""
    now, tallies = app.now(), StoryTallies(room.stores.engine)
    zone = zone_of(room.config, next(iter(room.config.newsletters), ""))
    counted, totals = tallies.by_source(_days(now, zone)), tallies.totals()
    made = []
    for source in only or room.config.sources:
        fetches = room.stores.stories.last_fetches(source.name)
        tally = counted.get(source.name, SourceTally(by_part=(0,) * DAYS))
        moments = [one.fetched_at for one in fetches.values() if one.fetched_at]
        made.append(
            SourceHealth(
                source=source,
                last=say_ago(max(moments, default=None), now),
                kept=totals.get(source.name, (0, now))[0],
                tally=tally,
                bars=_bars(tally.by_part),
                addresses=_addresses(source, fetches, now),
            )
        )
    return made


def rules_of(room: Room) -> tuple[list[tuple[str, str, str]], str]:
    """Return the rules for single sites (file, site and path, page it was taught on), or why they cannot be read."""
    try:
        rules = load_site_rules(room.config.sites).rules
    except ConfigError as exc:
        return [], str(exc)
    return [
        (rule.name.rpartition("/")[2], rule.site + rule.path, rule.example.url if rule.example else "")
        for rule in rules
    ], ""


def _working(jobs: Jobs) -> dict[str, Any]:
    found = [*jobs.like("fetch "), *jobs.like("check ")]
    return {"here": "/sources/", "jobs": found, "poll": 1 if any(job.is_running for job in found) else 0}


def _days(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return where the last days start by a zone's clock, oldest first, and where today ends."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS + 1)]
    return [datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) for day in days]


def _bars(counts: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """Return a bar for each day: where it stands, its height, and its count."""
    most = max(counts, default=0) or 1
    return tuple(
        (place * BAR_STEP, max(2, round(BAR_HEIGHT * count / most)), count)
        for place, count in enumerate(counts)
    )


def _addresses(
    source: SourceSettings, fetches: Mapping[str, LastFetch], now: datetime
) -> tuple[AddressHealth, ...]:
    """Return what the configuration names, then what was read on its behalf: failures first, then the newest."""
    own = (source.url,) if source.kind == "feed" else source.urls
    others = sorted(
        (address for address in fetches if address not in own),
        key=lambda one: (-fetches[one].failures, -(fetches[one].fetched_at or now).timestamp(), one),
    )
    return tuple(
        AddressHealth(
            address=address,
            is_own=address in own,
            last=say_ago(last.fetched_at, now),
            failures=last.failures,
            error=last.last_error or "",
            retry=say_ago(last.retry_at, now) if last.retry_at and last.retry_at > now else "",
        )
        for address in (*own, *others)
        for last in (fetches.get(address, LastFetch()),)
    )


def _fetch(room: Room, sources: Sequence[SourceSettings], job: Job) -> Done:
    read: list[str] = []

    def tick(_source: object) -> None:
        read.append("")
        job.show("Reading", len(read), len(sources))

    job.show("Reading", 0, len(sources))
    rules = app.make_site_rules(room.config)
    with app.make_fetcher(room.config) as fetcher:
        report = fetch_sources(
            sources,
            config=room.config,
            stories=room.stores.stories,
            fetcher=fetcher,
            now=app.now(),
            rules=rules,
            on_done=tick,
        )
    sentence = f"{report.read} stories read, {report.new} of them new."
    return Done(sentence=sentence, failures=report.failures + report.notices)


def _check(room: Room, job: Job) -> Done:
    rules = load_site_rules(room.config.sites)
    total, bad = len(rules.rules), []
    job.show("Fetching the pages they were taught on", 0, total)
    checks = check_sites(rules, (), make_fetcher=lambda: app.make_fetcher(room.config), now=app.now())
    for number, check in enumerate(checks, start=1):
        job.show("Fetching the pages they were taught on", number, total)
        if check.state is not SiteState.FINE:
            subject = f"{check.rule.rpartition('/')[2]} ({check.state})"
            bad.append(Failure(subject=subject, message=check.message))
    return Done(
        sentence=f"{total - len(bad)} of {total} rules match as they were taught.", failures=tuple(bad)
    )

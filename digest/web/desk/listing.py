"""List the editions and how they stand, when newsletters run, and draft today's edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from digest import app
from digest.model import DeliveryState, Edition, EditionName, EditionState
from digest.pipeline.drafting import draft
from digest.pipeline.reader_hours import date_now, timing_now
from digest.pipeline.reading import fetch_sources
from digest.pipeline.status import newsletter_status
from digest.process import login_name
from digest.store.editions import EditionEntry
from digest.store.tallies import Tallies
from digest.timetable import sending_moment
from digest.web.desk.jobs import Done, Job, Jobs
from digest.web.desk.place import PageNumber, Place
from digest.web.desk.room import Room
from digest.web.desk.wording import mask_reply, say_ago, say_moment, zone_of
from digest.web.forms import Fields, read_fields

Form = Annotated[Fields, Depends(read_fields)]
ON_A_PAGE = 20
RUNS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An edition of the list: `when` says when it goes out or went, `readers` how many have it of how many."""

    name: EditionName
    path: str
    title: str
    state: str
    stories: int
    revision: int
    when: str
    readers: str


def listing_routes(room: Room, jobs: Jobs) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/editions/")
    def editions(newsletter: str = "", page: PageNumber = 1) -> Response:
        tallies, first = Tallies(room.stores.engine), (page - 1) * ON_A_PAGE
        entries = tallies.editions(newsletter, limit=ON_A_PAGE + 1, offset=first)
        running = jobs.like("draft ")
        return room.page(
            "editions.html",
            here="/editions/",
            lines=lines_of(room, tallies, entries[:ON_A_PAGE]),
            newsletters=list(room.config.newsletters),
            chosen=newsletter,
            chosen_query=f"newsletter={quote(newsletter, safe='')}&" if newsletter else "",
            page=page,
            has_more=len(entries) > ON_A_PAGE,
            standings=[standing(room, name) for name in room.config.newsletters],
            jobs=running,
            poll=1 if any(job.is_running for job in running) else 0,
        )

    @routes.post("/editions/draft")
    def start_draft(form: Form) -> Response:
        newsletter = form.one("newsletter")
        room.config.newsletter(newsletter)
        title = f"Today’s edition of {newsletter}"
        jobs.start(
            f"draft {newsletter}", title, lambda job: draft_today(room, newsletter, job), now=app.now()
        )
        return RedirectResponse("/editions/", status_code=303)

    return routes


def lines_of(room: Room, tallies: Tallies, entries: list[EditionEntry]) -> list[Line]:
    """Return the lines of the list."""
    names = [entry.name for entry in entries]
    counts, sent_at = tallies.deliveries(names), tallies.sent_at(names)
    lines = []
    for entry in entries:
        edition = room.stores.editions.get(entry.name)
        found = counts[entry.name]
        total = sum(found.values())
        lines.append(
            Line(
                name=entry.name,
                path=Place(name=entry.name).path,
                title=edition.subject,
                state="held" if edition.is_held else str(entry.state),
                stories=len(edition.items),
                revision=entry.revision,
                when=when_of(room, edition, sent_at.get(entry.name)),
                readers=f"{found.get(DeliveryState.SENT, 0):,} of {total:,}" if total else "",
            )
        )
    return lines


def when_of(room: Room, edition: Edition, sent_at: datetime | None) -> str:
    """Say when an edition goes out or went out, by its newsletter's clock."""
    name, config = edition.name, room.config
    zone, settings = zone_of(config, name.newsletter), config.newsletters.get(name.newsletter)
    if edition.state is EditionState.SENT:
        return f"went out {say_moment(sent_at, zone)}" if sent_at else "went out"
    if edition.is_held:
        return "held"
    if settings is None:
        return "its newsletter is not configured"
    timing = timing_now(settings, name.newsletter, room.stores.mailing)
    moment = edition.send_at or sending_moment(timing, name.date)
    if moment < app.now():
        return f"its hour was {say_moment(moment, zone)}"
    return f"goes out {say_moment(moment, zone)}" + (
        "" if edition.state is EditionState.APPROVED else ", if approved"
    )


def standing(room: Room, newsletter: str) -> dict[str, Any]:
    """Return how a newsletter stands, as `digest status` tells it, and whether today's edition can be drafted."""
    settings, now = room.config.newsletter(newsletter), app.now()
    told = newsletter_status(
        newsletter,
        settings,
        editions=room.stores.editions,
        runs=room.stores.runs,
        mailing=room.stores.mailing,
        now=now,
    )
    today = EditionName(newsletter=newsletter, date=date_now(room.parts(newsletter)))
    edition = room.stores.editions.find(today)
    return {
        "name": newsletter,
        "title": settings.title,
        "zone": settings.zone,
        "next": f"{say_moment(told.next_at, ZoneInfo(settings.zone))}, {say_ago(told.next_at, now)}",
        "runs": [(one.run.date, one.state, mask_reply(one.note)) for one in told.last_runs[:RUNS_SHOWN]],
        "waiting": [(str(entry.name), Place(name=entry.name).path) for entry in told.waiting],
        "today": Place(name=today).path if edition is not None else "",
        "may_draft": edition is None or edition.state is EditionState.DRAFT,
    }


def draft_today(room: Room, newsletter: str, job: Job) -> Done:
    """Read a newsletter's sources, then make or refresh the draft of today."""
    parts = room.parts(newsletter)
    sources = parts.config.sources_of(parts.settings)
    read: list[str] = []

    def tick(_source: object) -> None:
        read.append("")
        job.show("Reading sources", len(read), len(sources))

    job.show("Reading sources", 0, len(sources))
    with parts.make_fetcher() as fetcher:
        fetched = fetch_sources(
            sources,
            config=parts.config,
            stories=parts.stores.stories,
            fetcher=fetcher,
            now=parts.now(),
            rules=parts.make_site_rules(),
            on_done=tick,
        )
    job.show("Choosing stories", 0, 0)
    day = date_now(parts)
    drafted = draft(
        parts,
        day=day,
        who=login_name(),
        on_blurb=lambda done, total: job.show("Condensing stories", done, total),
    )
    failures = fetched.failures + fetched.notices
    if drafted.edition is None:
        wanted = parts.settings.min_stories
        sentence = (
            f"A quiet day: {drafted.found} new stories, at least {wanted} are wanted. Nothing was drafted."
        )
        return Done(sentence=sentence, failures=failures)
    edition = drafted.edition
    sentence = f"{edition.name} holds {len(edition.items)} stories ({fetched.new} new ones were read)."
    return Done(sentence=sentence, failures=failures, path=Place(name=edition.name).path)

"""Each reader gets the one edition once, at the newsletter's hour where she is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.config import FileConfig, NewsletterSettings, load_config
from digest.model import DeliveryState, EditionName, Halt, Phase, RunState
from digest.pipeline.changing import schedule_edition
from digest.pipeline.parts import Parts
from digest.pipeline.reader_hours import ZONES_KEPT, Timings, timing_now, timing_of
from digest.pipeline.running import run_newsletter
from digest.pipeline.sending import send_edition
from digest.pipeline.status import newsletter_status
from digest.store.persons import Choices
from digest.timetable import due
from tests.deliver.servers import Mailbag, good_server
from tests.pipeline.test_unapproved import PAGE

DAY = date(2026, 11, 24)
NAME = EditionName(newsletter="daily", date=DAY)
HOURS = {
    "kiritimati@example.org": ("Pacific/Kiritimati", datetime(2026, 11, 23, 16, 30, tzinfo=UTC)),
    "berlin@example.org": ("Europe/Berlin", datetime(2026, 11, 24, 5, 30, tzinfo=UTC)),
    "unknown@example.org": (None, datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
    "york@example.org": ("America/New_York", datetime(2026, 11, 24, 11, 30, tzinfo=UTC)),
    "honolulu@example.org": ("Pacific/Honolulu", datetime(2026, 11, 24, 16, 30, tzinfo=UTC)),
}
FIRST, LAST = HOURS["kiritimati@example.org"][1], HOURS["honolulu@example.org"][1]
CONFIG = """
[smtp]
port = {port}
[[sources]]
name = "papers"
kind = "files"
paths = ["inbox/*.html"]
[newsletters.daily]
from = "The Daily Dose <dose@dose.example>"
timezone = "subscriber"
max_age_hours = 1
{more}
"""


@dataclass(slots=True)
class World:
    """A newsletter with readers all over the world, whose clock is moved by hand, and its schedule."""

    folder: Path
    bag: Mailbag
    now: datetime = FIRST - timedelta(hours=1)
    got: list[tuple[str, datetime]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, more: str = "") -> Parts:
        """Return the newsletter's parts: its readers added, one story in the inbox, yesterday's edition sent."""
        (self.folder / "inbox").mkdir()
        (self.folder / "inbox" / "ferry.html").write_text(PAGE, encoding="utf-8")
        path = self.folder / "digest.toml"
        path.write_text(CONFIG.format(port=self.bag.port, more=more), encoding="utf-8")
        config = load_config(path, kind=FileConfig)
        parts = app.parts_of(config, app.open_stores(config), "daily", clock=lambda: self.now)
        for address, (zone, _) in HOURS.items():
            self.join(parts, address, zone)
        parts.stores.runs.finish("daily", DAY - timedelta(days=1), RunState.DONE, now=self.now)
        return parts

    def join(self, parts: Parts, address: str, zone: str | None) -> None:
        """Add a reader who has told her time zone, or has not."""
        mailing = parts.stores.mailing
        reader = mailing.add("daily", address, consent="asked", now=self.now)
        choices = Choices(wanted={}, offered=(), time_zone=zone, language=None, plain_text=False)
        mailing.choose(reader.id, choices, came_from="192.0.2.1", now=self.now)

    def tick(self, parts: Parts) -> None:
        """Do what the schedule does: start the phases that are due, then sends whose deliveries are."""
        mailing, runs = parts.stores.mailing, parts.stores.runs.latest("daily")
        over = {run.date for run in runs if run.state is RunState.DONE}
        timing = timing_now(parts.settings, "daily", mailing)
        for one in due(timing, over, self.now, prepared={run.date for run in runs}):
            assert not one.is_too_late
            report = run_newsletter(parts, day=one.date, wait_seconds=0, phase=one.phase)
            assert report.failures == ()
            self.said.append(report.sentence)
        for name in mailing.due_editions(now=self.now):
            send_edition(parts, name, wait_seconds=0)
        self.got += [(to, self.now) for to, _ in self.bag.messages]
        self.bag.messages.clear()

    def let_pass(self, parts: Parts, until: datetime) -> None:
        """Tick every quarter of an hour."""
        while self.now < until:
            self.now += timedelta(minutes=15)
            self.tick(parts)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with good_server() as bag:
        yield World(folder=tmp_path, bag=bag)


def test_each_reader_gets_the_edition_once_at_the_hour_where_she_is(world: World) -> None:
    parts = world.open()

    world.let_pass(parts, FIRST)
    in_the_morning = parts.stores.editions.get(NAME)
    world.let_pass(parts, LAST - timedelta(minutes=60))

    assert in_the_morning.made_at == FIRST - timedelta(minutes=30)
    assert parts.stores.editions.get(NAME) == in_the_morning
    assert world.got == [(to, at) for to, (_, at) in HOURS.items() if at < LAST]
    assert "4 readers get it at 06:30 where they are, the last at 2026-11-24 16:30 UTC: " in world.said[1]
    assert len(world.said) == 2

    world.now = LAST
    for name in parts.stores.mailing.due_editions(now=world.now):
        send_edition(parts, name, wait_seconds=0)

    assert [to for to, _ in world.bag.messages] == ["honolulu@example.org"]
    assert b"ferry" in world.bag.messages[0][1].lower()
    assert parts.stores.mailing.counts(NAME)[DeliveryState.SENT] == len(HOURS)


def test_who_joins_after_the_first_hour_gets_the_next_edition(world: World) -> None:
    parts = world.open()
    world.let_pass(parts, FIRST)

    world.join(parts, "late@example.org", "Pacific/Honolulu")
    world.let_pass(parts, datetime(2026, 11, 24, 15, 30, tzinfo=UTC))

    assert "late@example.org" not in dict(world.got)
    assert len(parts.stores.mailing.list_deliveries(NAME)) == len(HOURS)


def test_a_reader_whose_hour_is_long_past_is_skipped_with_the_reason(world: World) -> None:
    parts = world.open()
    world.now = datetime(2026, 11, 24, 5, 45, tzinfo=UTC)

    run_newsletter(parts, day=DAY, wait_seconds=0)

    skipped = parts.stores.mailing.list_deliveries(NAME, [DeliveryState.SKIPPED])
    assert [(one.address, one.reply) for one in skipped] == [
        ("kiritimati@example.org", "too late: 06:30 in Pacific/Kiritimati was more than 6 hours ago")
    ]
    assert [to for to, _ in world.bag.messages] == ["berlin@example.org"]


def test_readers_whose_hours_passed_while_nothing_ran_are_skipped_and_the_others_served(world: World) -> None:
    parts = world.open()
    world.let_pass(parts, FIRST)

    world.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    world.tick(parts)

    states = {one.address: (one.state, one.reply) for one in parts.stores.mailing.list_deliveries(NAME)}
    too_late = (DeliveryState.SKIPPED, "too late: 06:30 was more than 6 hours ago")
    assert states["berlin@example.org"] == too_late
    assert states["unknown@example.org"][0] is DeliveryState.SENT
    assert states["york@example.org"][0] is DeliveryState.SENT
    assert states["honolulu@example.org"][0] is DeliveryState.QUEUED


def test_sent_by_hand_after_everybodys_hour_is_past_it_reaches_all(world: World) -> None:
    parts = world.open()
    world.now = LAST + timedelta(hours=7)

    report = run_newsletter(parts, day=DAY, wait_seconds=0)

    assert report.sentence == f"{NAME}: sent to 5 readers."


def test_at_a_moment_that_a_person_set_all_get_it_at_once(world: World) -> None:
    parts = world.open()
    run_newsletter(parts, day=DAY, wait_seconds=0, phase=Phase.PREPARE)
    at = FIRST + timedelta(hours=2)
    schedule_edition(parts.stores.editions, NAME, at, now=world.now, who="the editor")

    world.now = at
    run_newsletter(parts, day=DAY, wait_seconds=0, phase=Phase.SEND)

    assert sorted(to for to, _ in world.bag.messages) == sorted(HOURS)


def test_a_stop_that_is_taken_back_leaves_each_reader_her_hour(world: World) -> None:
    parts = world.open()
    world.let_pass(parts, FIRST)
    mailing = parts.stores.mailing

    mailing.halt(NAME, Halt.STOPPED, now=world.now)
    mailing.go_on(NAME, now=world.now)

    waiting = {one.address: one.next_at for one in mailing.list_deliveries(NAME, [DeliveryState.QUEUED])}
    assert waiting == {to: at for to, (_, at) in HOURS.items() if at > FIRST}


def test_the_status_tells_the_first_hour_and_who_is_still_to_come(world: World) -> None:
    parts = world.open()
    stores = parts.stores
    world.let_pass(parts, FIRST)

    told = newsletter_status(
        "daily",
        parts.settings,
        editions=stores.editions,
        runs=stores.runs,
        mailing=stores.mailing,
        now=world.now,
    )

    assert told.record()["next_run"] == "2026-11-24T16:30:00+00:00"
    assert told.record()["next_date"] == "2026-11-25"
    assert told.record()["last_runs"][0]["readers_ahead"] == 4
    assert told.sentences()[0] == (
        "daily: next run Tue 2026-11-24 16:30 UTC for the first readers of 2026-11-25; each gets it at that hour "
        "where they are (draft at 16:00)"
    )


def test_the_schedule_hears_of_a_new_readers_zone_within_minutes(world: World) -> None:
    parts = world.open()
    timings = Timings(parts.config.newsletters, parts.stores.mailing, now=lambda: world.now)
    before = timings()["daily"].zones

    world.join(parts, "apia@example.org", "Pacific/Apia")
    at_once = timings()["daily"].zones
    world.now += ZONES_KEPT

    assert at_once == before
    assert set(timings()["daily"].zones) == {*before, "Pacific/Apia"}


def test_a_zone_that_is_none_counts_as_the_newsletters_own() -> None:
    values = {"from": "dose@dose.example", "timezone": "subscriber", "default_timezone": "Asia/Tokyo"}
    settings = NewsletterSettings(**values)  # type: ignore[arg-type]  # the file's own words

    assert timing_of(settings, ["Mars/Olympus", None, "UTC"]).zones == ("Asia/Tokyo", "UTC")
    assert timing_of(settings).zone == "Asia/Tokyo"

"""Editions of several days: what ran does not run again, and what is new of it does, and says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

import pytest

from digest.app import open_stores, parts_of
from digest.config import FileConfig, load_config
from digest.deliver.sink import Sink
from digest.pipeline.running import run_newsletter
from tests.acceptance.conftest import Project, Site, configuration, parsed

TODAY = datetime.now(UTC)
AGROUND = "Ferry runs aground off Quill Point with 212 aboard"
AGROUND_TEXT = (
    "The ferry Heron ran aground off Quill Point in fog early on Sunday with 212 people aboard. Lifeboats brought "
    "everyone ashore by nine, the coastguard said. Nobody was hurt, and a school in Callow gave them breakfast."
)
RETOLD = "212 rescued as ferry Heron runs aground in fog off Quill Point"
RETOLD_TEXT = (
    "All 212 people aboard the ferry Heron were brought ashore by lifeboats on Sunday after it ran aground in fog off "
    "Quill Point. Nobody was hurt, the coastguard said, and a school in Callow gave everyone breakfast."
)
RADAR = "Ferry Heron's radar was switched off, investigators find"
NEWS = (
    "The radar of the ferry Heron had been switched off for repairs, investigators said on Monday. A spare part worth "
    "60 crowns was missing, inspector Ida Kroll told reporters in Lowell."
)
BACKGROUND = "The ferry Heron ran aground off Quill Point in fog on Sunday with 212 people aboard."
OTHERS = (
    ("Otters return to the Lenn after forty years", "Volunteers counted 31 otters along the river Lenn. Anglers had "
     "not seen one since 1984, the county said, and children have painted signs that ask drivers to slow down."),
    ("Comet brightens over Tarnholm before dawn", "A comet can be seen with the naked eye above Tarnholm. Astronomer "
     "Mara Vance expects it to fade by the end of the month, and opens her garden to visitors until then."),
    ("Bakers of Dunmere end their strike", "The ovens in Dunmere are lit again at three. The guild and the owners "
     "agreed on a rise of four percent, and the first loaves were given away in the market hall."),
    ("Museum in Ostrava buys a lost Halvorsen", "A drawing of a mill by Halvorsen has been sold to the city museum. It "
     "had hung in a dentist's waiting room, and patients remember it as a picture of a windmill."),
    ("Harrow gets its first night train", "A sleeper from Harrow to the coast starts in spring. It has nine coaches "
     "and a kitchen, and passengers may bring bicycles, dogs and, on Fridays, a double bass."),
    ("Wind farm on Toll Hill is approved", "Nine turbines may be built on Toll Hill. The council voted ten to two "
     "after a long evening, and promised walkers a new path with benches and a view of the sea."),
    ("School in Ashby teaches beekeeping", "Pupils in Ashby look after four hives on the roof of their school. The "
     "honey is sold at the gate, and the bees have been named after the teachers by popular vote."),
    ("Choir of Velmora sings in a quarry", "Eighty singers filled the old quarry of Velmora with madrigals. The echo "
     "lasted five seconds, the conductor said, so that she could hear every mistake a second time."),
    ("Snow closes the pass above Marrow", "The pass above Marrow is closed until April. Ploughs gave up at the third "
     "bend, and the innkeeper at the top has potatoes, candles and novels for the whole winter."),
)  # fmt: skip


@dataclass(slots=True)
class Week:
    """A project whose feed is read by the run of each day; the clock is the test's."""

    project: Project
    site: Site
    mailbox: Sink
    items: list[str] = field(default_factory=list)

    def tell(self, title: str, text: str, *, at: datetime, page: str) -> None:
        """Put a story into the feed and its page on the site; one of the same page takes its place."""
        told = f"<h1>{title}</h1><time datetime='{at.isoformat()}'></time><p>{text}</p>"
        link = self.site.put(f"/{page}", f"<html><title>{title}</title><article>{told}</article></html>")
        self.items = [item for item in self.items if f">{link}<" not in item]
        self.items.append(
            f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>{escape(text)}</description></item>"
        )
        body = f"<rss version='2.0'><channel><title>Courier</title>{''.join(self.items)}</channel></rss>"
        self.site.put("/feed", body, "application/rss+xml")

    def run(self, now: datetime) -> None:
        """Fetch, draft and send a day's edition."""
        config = load_config(self.project.folder / "config" / "digest.toml", kind=FileConfig)
        stores = open_stores(config)
        parts = parts_of(config, stores, "daily", clock=lambda: now)
        report = run_newsletter(parts, day=now.date(), wait_seconds=5)
        assert report.sentence.startswith("daily/"), report.sentence

    def show(self, day: datetime) -> dict[str, Any]:
        """Return a day's edition as the command shows it."""
        shown: dict[str, Any] = json.loads(self.project.run("show", f"daily/{day.date()}", "--json").stdout)
        return shown


@pytest.fixture
def week(project: Project, site: Site, mailbox: Sink) -> Iterator[Week]:
    feed = f'[[sources]]\nname = "courier"\nkind = "feed"\nurl = "{site.url}/feed"\n'
    weekly = '[newsletters.weekly]\nfrom = "Week <week@example.org>"\nreaders = ["ada@example.org"]\ntimezone = "UTC"\n'
    project.configure(configuration(port=mailbox.port, newsletter='timezone = "UTC"', more=feed + weekly))
    yield Week(project=project, site=site, mailbox=mailbox)


def titles(edition: dict[str, Any]) -> list[str]:
    return [item["headline"] for item in edition["items"]]


def whys(edition: dict[str, Any]) -> dict[str, str]:
    return {one["title"]: one["why"] for one in edition["left_out"]}


def test_a_story_runs_once_and_its_follow_up_with_only_what_is_new(week: Week) -> None:
    first, second = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
    week.tell(AGROUND, AGROUND_TEXT, at=first - timedelta(hours=3), page="aground")
    week.tell(*OTHERS[0], at=first - timedelta(hours=4), page="otters")
    week.run(first)
    week.tell("Fog, a bell and 212 breakfasts", AGROUND_TEXT, at=second - timedelta(hours=9), page="copy")
    week.tell(RETOLD, RETOLD_TEXT, at=second - timedelta(hours=18), page="retold")
    week.tell(
        "Otters are back", OTHERS[0][1] + " One was named.", at=second - timedelta(hours=2), page="otters"
    )
    week.tell(RADAR, f"{BACKGROUND} {NEWS}", at=second - timedelta(hours=2), page="radar")
    week.tell(*OTHERS[1], at=second - timedelta(hours=2), page="comet")

    week.run(second)
    before, after = week.show(first), week.show(second)

    assert sorted(titles(before)) == sorted([AGROUND, OTHERS[0][0]])
    assert sorted(titles(after)) == sorted([RADAR, OTHERS[1][0]])
    again = f"the same event already ran {first.date()}: “{AGROUND}”"
    assert whys(after) == {
        AGROUND: f"already ran {first.date()}",
        "Fog, a bell and 212 breakfasts": again,
        RETOLD: again,
        OTHERS[0][0]: f"already ran {first.date()}",
    }
    items = {item["headline"]: item for item in after["items"]}
    assert items[OTHERS[1][0]]["follows"] is None
    assert items[RADAR]["follows"] == {"title": AGROUND, "date": str(first.date())}
    assert items[RADAR]["text"] == NEWS
    mail = parsed(week.mailbox.messages[-1][1])
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None and text is not None
    assert ">Update</p>" in html.get_content().replace("\n", "")
    assert f"Update: {RADAR[:30]}" in text.get_content()
    shown = week.project.run("show", f"daily/{second.date()}").stdout
    assert f"Update to “{AGROUND}” of {first.date()}" in shown


def test_news_of_a_follow_up_is_weighed_against_all_that_ran(week: Week) -> None:
    first, second = TODAY - timedelta(days=2), TODAY - timedelta(days=1)
    week.tell(AGROUND, AGROUND_TEXT, at=first - timedelta(hours=3), page="aground")
    week.run(first)
    week.tell(RADAR, f"{BACKGROUND} {NEWS}", at=second - timedelta(hours=2), page="radar")
    week.run(second)
    at = TODAY - timedelta(hours=1)
    week.tell(RETOLD, RETOLD_TEXT, at=at, page="retold")
    week.tell("Radar of grounded ferry Heron was off", f"{NEWS} {BACKGROUND}", at=at, page="radar-2")
    week.tell(
        "Passengers of grounded ferry Heron get 300 crowns each",
        f"{BACKGROUND} The company Callow Steam will pay them 300 crowns each, its director Lou Amsel said on Tuesday. "
        "A lawyer for forty families called the sum a tip and announced a claim.",
        at=at,
        page="money",
    )  # fmt: skip
    week.project.run("fetch")

    drafted = week.project.run("draft", "daily", "--date", str(TODAY.date()), "--why").stdout
    edition = week.show(TODAY)

    assert titles(edition) == ["Passengers of grounded ferry Heron get 300 crowns each"]
    (item,) = edition["items"]
    assert item["follows"] == {"title": RADAR, "date": str(second.date())}
    assert "300 crowns" in item["text"] and "ran aground" not in item["text"]
    assert f"Update to “{RADAR}” of {second.date()}" in drafted
    assert set(whys(edition)) >= {RETOLD, "Radar of grounded ferry Heron was off"}


def test_news_later_on_the_same_day_runs_in_the_next_edition(week: Week) -> None:
    first = TODAY - timedelta(days=1)
    week.tell(AGROUND, AGROUND_TEXT, at=first - timedelta(hours=3), page="aground")
    week.run(first)
    week.tell(RADAR, f"{NEWS} {BACKGROUND}", at=first + timedelta(hours=9), page="radar")

    week.run(TODAY)
    after = week.show(TODAY)

    assert [(item["headline"], item["follows"]["title"]) for item in after["items"]] == [(RADAR, AGROUND)]


def test_after_seven_editions_an_event_may_run_plainly_but_the_story_not(week: Week) -> None:
    days = [TODAY - timedelta(days=8 - n) for n in range(9)]
    week.tell(AGROUND, AGROUND_TEXT, at=days[0] - timedelta(hours=3), page="aground")
    for day, other in zip(days[:8], OTHERS, strict=False):
        week.tell(*other, at=day - timedelta(hours=2), page=other[0][:5])
        week.run(day)
    week.tell(AGROUND, AGROUND_TEXT, at=TODAY - timedelta(hours=1), page="aground")
    week.tell(RETOLD, RETOLD_TEXT, at=TODAY - timedelta(hours=1), page="retold")

    week.run(TODAY)
    after = week.show(TODAY)

    assert [(item["headline"], item["follows"]) for item in after["items"]] == [(RETOLD, None)]


def test_neither_its_own_draft_nor_another_newsletter_is_history(week: Week) -> None:
    week.tell(AGROUND, AGROUND_TEXT, at=TODAY - timedelta(hours=3), page="aground")
    week.run(TODAY)
    text = (week.project.folder / "config" / "digest.toml").read_text(encoding="utf-8")
    manual = '[newsletters.weekly]\napproval = "manual"\n'
    week.project.configure(text.replace("[newsletters.weekly]\n", manual))

    drafts = [
        json.loads(week.project.run("draft", "weekly", "--date", str(TODAY.date()), "--json").stdout)
        for _ in range(2)
    ]

    assert [titles(one) for one in drafts] == [[AGROUND], [AGROUND]]
    assert [item["follows"] for one in drafts for item in one["items"]] == [None, None]

"""A manual draft that nobody approved by its hour follows the rule, and its editor is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.config import FileConfig, NewsletterSettings, load_config
from digest.model import Edition, EditionName, EditionState
from digest.pipeline.changing import hold_edition, schedule_edition
from digest.pipeline.parts import Parts
from digest.pipeline.running import run_newsletter
from digest.pipeline.unapproved import Fate, fate_of
from tests.acceptance.conftest import parsed
from tests.deliver.servers import Mailbag, good_server
from tests.render.sample import make_edition

DAY = date(2026, 11, 24)
HOUR = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
EDITOR = "editor@dose.example"
NAME = EditionName(newsletter="daily", date=DAY)
PAGE = """<html><head><title>Ferry bell rises</title></head><body><article><h1>Ferry bell rises</h1>
<p>Divers raised the bell of the ferry on Monday after ninety-five years at the bottom of the sound. It rang once on
the quay. The museum will show it from spring, said its keeper, Mara Holt, who had looked for it for a decade.</p>
</article></body></html>"""
CONFIG = """
[smtp]
port = {port}
[[sources]]
name = "papers"
kind = "files"
paths = ["inbox/*.html"]
[newsletters.daily]
from = "The Daily Dose <dose@dose.example>"
approval = "manual"
unapproved = "{rule}"
editor = "editor@dose.example"
timezone = "UTC"
readers = ["ada@example.org"]
"""


def settings(**changes: object) -> NewsletterSettings:
    values: dict[str, object] = {"from": "dose@dose.example", "timezone": "UTC", "approval": "manual"}
    return NewsletterSettings(**(values | changes))  # type: ignore[arg-type]


def drafted(**changes: object) -> Edition:
    return make_edition(2, made_at=HOUR - timedelta(minutes=30), **changes)


@pytest.mark.parametrize(
    ("rule", "edition", "minutes", "fate"),
    [
        ("hold", drafted(), -1, Fate.DRAFT_AGAIN),
        ("send", drafted(), -1, Fate.DRAFT_AGAIN),
        ("hold", drafted(), 0, Fate.STAY),
        ("send", drafted(), 0, Fate.GO),
        ("send", drafted(is_held=True), 0, Fate.STAY),
        ("send", drafted(items=()), 0, Fate.STAY),
        ("send", replace(drafted(), made_at=HOUR), 5, Fate.DRAFT_AGAIN),
        ("send", drafted(send_at=HOUR + timedelta(hours=3)), 5, Fate.DRAFT_AGAIN),
        ("send", drafted(send_at=HOUR + timedelta(hours=3)), 180, Fate.GO),
        ("send", drafted(send_at=HOUR - timedelta(minutes=10)), -5, Fate.GO),
    ],
)
def test_a_drafts_fate_is_decided_by_its_hour_and_the_rule(
    rule: str, edition: Edition, minutes: int, fate: Fate
) -> None:
    now = HOUR + timedelta(minutes=minutes)

    assert fate_of(edition, settings(unapproved=rule), now=now) is fate


def test_of_a_newsletter_that_asks_nobody_only_what_is_held_stays() -> None:
    auto = settings(approval="auto")

    assert fate_of(drafted(), auto, now=HOUR) is Fate.DRAFT_AGAIN
    assert fate_of(drafted(is_held=True), auto, now=HOUR) is Fate.STAY


@dataclass(slots=True)
class Newsroom:
    """A newsletter whose clock is moved by hand."""

    folder: Path
    port: int
    bag: Mailbag
    now: datetime = HOUR - timedelta(minutes=30)

    def parts(self, rule: str) -> Parts:
        """Return the newsletter's parts under that rule, its one story read and its draft made."""
        (self.folder / "inbox").mkdir()
        (self.folder / "inbox" / "ferry.html").write_text(PAGE, encoding="utf-8")
        path = self.folder / "digest.toml"
        path.write_text(CONFIG.format(port=self.port, rule=rule), encoding="utf-8")
        config = load_config(path, kind=FileConfig)
        return app.parts_of(config, app.open_stores(config), "daily", clock=lambda: self.now)

    def run(self, parts: Parts) -> str:
        return run_newsletter(parts, day=DAY, wait_seconds=0).sentence

    def subjects(self, address: str) -> list[str]:
        """Return the subjects of what an address got."""
        return [str(parsed(content)["Subject"]) for to, content in self.bag.messages if to == address]


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with good_server() as bag:
        yield Newsroom(folder=tmp_path, port=bag.port, bag=bag)


def test_before_its_hour_a_run_stops_at_the_draft(newsroom: Newsroom) -> None:
    parts = newsroom.parts("send")

    first, again = newsroom.run(parts), newsroom.run(parts)

    assert first.startswith("waiting: daily/2026-11-24 is drafted")
    assert again == first
    assert newsroom.subjects(EDITOR) == ["The Daily Dose: a draft waits for you"]
    assert parts.stores.editions.get(NAME).state is EditionState.DRAFT


def test_held_by_the_rule_a_draft_stays_as_it_is_and_its_editor_is_told_once(newsroom: Newsroom) -> None:
    parts = newsroom.parts("hold")
    newsroom.run(parts)
    made = parts.stores.editions.get(NAME)
    newsroom.now = HOUR

    at_its_hour, later = newsroom.run(parts), newsroom.run(parts)

    assert at_its_hour == later
    assert at_its_hour.startswith("waiting: daily/2026-11-24 was not approved by its hour")
    assert parts.stores.editions.get(NAME) == made
    assert newsroom.subjects(EDITOR)[1:] == ["The Daily Dose: not approved by its hour"]
    assert newsroom.subjects("ada@example.org") == []


def test_sent_by_the_rule_a_draft_is_approved_in_its_name_and_its_editor_is_told_once(
    newsroom: Newsroom,
) -> None:
    parts = newsroom.parts("send")
    newsroom.run(parts)
    newsroom.now = HOUR

    sent, again = newsroom.run(parts), newsroom.run(parts)

    assert sent == "daily/2026-11-24: sent to 1 reader."
    assert "nothing was sent" in again
    assert len(newsroom.subjects("ada@example.org")) == 1
    assert newsroom.subjects(EDITOR)[1:] == ["The Daily Dose: sent without your approval"]
    assert [(one.what, one.who) for one in parts.stores.editions.revisions(NAME) if one.who] == [
        ("approved it", "rule")
    ]


def test_what_the_editor_holds_no_rule_sends(newsroom: Newsroom) -> None:
    parts = newsroom.parts("send")
    newsroom.run(parts)
    hold_edition(parts.stores.editions, NAME, now=newsroom.now)
    newsroom.now = HOUR

    told = newsroom.run(parts)

    assert told.startswith("waiting: daily/2026-11-24 is held")
    assert newsroom.subjects("ada@example.org") == []


def test_a_set_moment_is_the_hour_that_counts(newsroom: Newsroom) -> None:
    parts = newsroom.parts("send")
    newsroom.run(parts)
    moment = HOUR + timedelta(hours=2)
    schedule_edition(parts.stores.editions, NAME, moment, now=newsroom.now)
    newsroom.now = HOUR + timedelta(minutes=1)
    early = newsroom.run(parts)
    newsroom.now = moment

    assert early.startswith("waiting: daily/2026-11-24 is drafted")
    assert newsroom.run(parts) == "daily/2026-11-24: sent to 1 reader."

"""A source, or all of them, with nothing new for days is told once per silence; so are captions that vanished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest import app
from digest.config import FileConfig, load_config
from digest.model import EditionName, Image, RunState, Story, StoryId
from digest.pipeline.parts import Parts
from digest.pipeline.silence import ALL, lost_captions, silences, watch_silence
from digest.store.freshness import Captions
from tests.listener import Listener, listening

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = NOW - 4 * DAY, NOW - timedelta(hours=1)
CONFIG = """
[[sources]]
name = "gazette"
kind = "feed"
url = "https://gazette.example/feed"
[[sources]]
name = "council"
kind = "pages"
urls = ["https://council.example/"]
silent_days = 14
[[sources]]
name = "samples"
kind = "files"
paths = ["sample:*.html"]
[newsletters.daily]
from = "dose@dose.example"
editor_webhook = "{url}/hook"
"""


@pytest.mark.parametrize(
    ("last_new", "patience", "days", "silent"),
    [
        ({"a": OLD, "b": NEW}, {"a": 3, "b": 3}, 3, ["a"]),
        ({"a": OLD, "b": NEW}, {"a": 14, "b": 3}, 3, []),
        ({"a": OLD, "b": NEW}, {"a": 0, "b": 3}, 3, []),
        ({"a": OLD, "b": OLD}, {"a": 3, "b": 14}, 3, [ALL]),
        ({"a": OLD, "b": OLD}, {"a": 3, "b": 14}, 0, ["a"]),
        ({"a": None, "b": NEW}, {"a": 3, "b": 3}, 3, ["a"]),
        ({"a": None}, {"a": 6}, 6, []),
        ({}, {}, 3, []),
    ],
)
def test_who_is_silent_is_longer_so_than_its_own_days(
    last_new: dict[str, datetime | None], patience: dict[str, float], days: float, silent: list[str]
) -> None:
    found = silences(
        last_new, patience=patience, newsletter_days=days, began_at=NOW - timedelta(days=5), now=NOW
    )

    assert [one.source for one in found] == silent


@pytest.mark.parametrize(
    ("counts", "is_lost"),
    [((6, 0, 40, 30), True), ((6, 1, 40, 30), False), ((6, 0, 40, 3), False), ((2, 0, 40, 30), False)],
)
def test_captions_are_lost_where_there_mostly_were_some(
    counts: tuple[int, int, int, int], is_lost: bool
) -> None:
    lately, told_lately, before, told_before = counts
    count = Captions(
        pictures_lately=lately,
        captions_lately=told_lately,
        pictures_before=before,
        captions_before=told_before,
    )

    assert lost_captions({"gazette": count}) == (["gazette"] if is_lost else [])


@dataclass(slots=True)
class Desk:
    """A newsletter that had its first run ten days ago, and its editor's hook."""

    parts: Parts
    hook: Listener
    now: datetime = NOW
    count: int = 0

    def read(self, source: str, *, days_ago: float, picture: Image | None = None) -> None:
        self.count += 1
        story = Story(
            id=StoryId(f"{self.count:04}"),
            title="Ferry bell rises",
            text="It rang.",
            source=source,
            lead_image=picture,
        )
        moment = self.now - timedelta(days=days_ago)
        self.parts.stores.stories.save([story], source=source, now=moment, is_hand_picked=False)

    def watch(self) -> list[str]:
        before = len(self.hook.told)
        watch_silence(self.parts, EditionName(newsletter="daily", date=self.now.date()))
        return [f"{one['what']}: {one['message'][:30].strip()}" for one in self.hook.told[before:]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with listening() as hook:
        file = tmp_path / "digest.toml"
        file.write_text(CONFIG.format(url=hook.url), encoding="utf-8")
        config = load_config(file, kind=FileConfig)
        stores = app.open_stores(config)
        stores.runs.finish("daily", date(2026, 11, 14), RunState.DONE, now=NOW - 10 * DAY)
        found = Desk(parts=app.parts_of(config, stores, "daily"), hook=hook)
        found.parts = replace(found.parts, now=lambda: found.now)
        yield found
        stores.engine.dispose()


def test_each_silence_is_told_once(desk: Desk) -> None:
    desk.read("gazette", days_ago=4)
    desk.read("council", days_ago=1)

    first, second = desk.watch(), desk.watch()
    desk.read("gazette", days_ago=0)
    desk.read("council", days_ago=0)
    spoken = desk.watch()
    desk.now += timedelta(days=3)
    desk.read("council", days_ago=0)
    again = desk.watch()

    assert first == again == ["silence: 'gazette' has given nothing ne"]
    assert second == spoken == []


def test_a_newsletter_without_anything_new_is_told_as_one(desk: Desk) -> None:
    desk.read("gazette", days_ago=4)
    desk.read("council", days_ago=5)

    assert desk.watch() == ["silence: No source of 'daily' has given"]
    assert desk.watch() == []


def test_captions_that_vanished_are_told(desk: Desk) -> None:
    picture = Image(url="https://gazette.example/a.jpg")
    for number in range(6):
        desk.read("gazette", days_ago=10 + number, picture=replace(picture, caption="The bell."))
        desk.read("gazette", days_ago=0.1 * number, picture=picture)
    desk.read("council", days_ago=1)

    assert desk.watch() == ["captions: The pictures of 'gazette' had"]
    assert desk.watch() == []

"""Stories are kept once, and a fetch leaves what the next one needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from digest.model import Image, Story, StoryId
from digest.store.last_fetch import LastFetch
from digest.store.stories import Stories

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
STORY = Story(
    id=StoryId("a1"),
    source="gazette",
    title="Harbor reopens",
    text="The harbor reopened on Monday.",
    url="https://gazette.example/harbor",
    published_at=datetime.fromisoformat("2026-11-24T05:00:00-05:00"),
    lead_image=Image(
        url="https://gazette.example/harbor.jpg", caption="The harbor.", credit="A. Photographer"
    ),
)


def test_a_story_comes_back_as_it_was(engine: Engine) -> None:
    stories = Stories(engine)

    assert stories.save([STORY], source="gazette", now=NOW, is_hand_picked=False) == 1

    (kept,) = stories.of_sources(["gazette"], since=NOW - timedelta(hours=1))
    assert kept.story == STORY
    assert kept.story.published_at is not None
    assert kept.story.published_at.utcoffset() == timedelta(hours=-5)
    assert (kept.seen_at, kept.is_hand_picked, kept.source) == (NOW, False, "gazette")
    assert stories.find(StoryId("a1")) == STORY
    assert stories.find(StoryId("b2")) is None


def test_reading_again_updates_the_text_and_keeps_when_it_was_first_seen(engine: Engine) -> None:
    stories = Stories(engine)
    stories.save([STORY], source="gazette", now=NOW, is_hand_picked=False)
    corrected = replace(STORY, title="Harbor reopens early")

    new = stories.save([corrected], source="gazette", now=NOW + timedelta(days=1), is_hand_picked=False)

    (kept,) = stories.of_sources(["gazette"], since=NOW)
    assert (new, kept.story.title, kept.seen_at) == (0, "Harbor reopens early", NOW)


def test_other_sources_and_older_stories_are_not_returned(engine: Engine) -> None:
    stories = Stories(engine)
    stories.save([STORY], source="gazette", now=NOW, is_hand_picked=False)

    assert stories.of_sources(["courier"], since=NOW) == []
    assert stories.of_sources(["gazette"], since=NOW + timedelta(seconds=1)) == []
    assert stories.knows("https://gazette.example/harbor")
    assert not stories.knows("https://gazette.example/other")


def test_a_fetch_is_remembered_verbatim(engine: Engine) -> None:
    stories = Stories(engine)
    fetch = LastFetch(etag='W/"x"', last_modified="Tue, 24 Nov 2026 05:31:00 GMT", fetched_at=NOW, failures=2)

    assert stories.last_fetch("gazette", "https://gazette.example/feed") == LastFetch()
    stories.record_fetch("gazette", "https://gazette.example/feed", fetch)
    stories.record_fetch("gazette", "https://gazette.example/feed", replace(fetch, failures=0))

    assert stories.last_fetch("gazette", "https://gazette.example/feed") == replace(fetch, failures=0)


def test_a_story_of_two_sources_is_a_candidate_of_both(engine: Engine) -> None:
    stories, later = Stories(engine), NOW + timedelta(hours=1)

    new = [
        stories.save([STORY], source="gazette", now=NOW, is_hand_picked=False),
        stories.save([STORY], source="wire", now=later, is_hand_picked=True),
        stories.save([STORY, STORY], source="gazette", now=later, is_hand_picked=False),
    ]

    assert new == [1, 0, 0]
    kept = stories.of_sources(["gazette", "wire"], since=NOW)
    assert [(one.source, one.seen_at, one.is_hand_picked) for one in kept] == [
        ("gazette", NOW, False),
        ("wire", later, True),
    ]
    assert [one.source for one in stories.of_sources(["gazette"], since=NOW)] == ["gazette"]
    assert stories.find(STORY.id) == STORY
    url = "https://gazette.example/harbor"
    assert [stories.knows(url, source=name) for name in ("gazette", "wire", "courier")] == [True, True, False]


def at_once(*calls: Callable[[], object]) -> None:
    """Make calls at the same moment, each in a thread, and raise what one of them raised."""
    start = threading.Barrier(len(calls))

    def begin(call: Callable[[], object]) -> None:
        start.wait()
        call()

    with ThreadPoolExecutor(len(calls)) as pool:
        for done in [pool.submit(begin, call) for call in calls]:
            done.result(timeout=60)


def test_two_readers_of_the_same_stories_at_once_both_end_well(engine: Engine) -> None:
    stories = Stories(engine)
    many = [replace(STORY, id=StoryId(f"s{number:03}")) for number in range(60)]
    new: list[int] = []

    def save(found: list[Story]) -> None:
        for _ in range(3):
            new.append(stories.save(found, source="gazette", now=NOW, is_hand_picked=False))

    at_once(*[partial(save, found) for found in (many, many[::-1], many, many[::-1])])

    assert sum(new) == 60
    assert len(stories.of_sources(["gazette"], since=NOW)) == 60


def test_fetches_of_one_address_at_once_are_all_recorded(engine: Engine) -> None:
    stories = Stories(engine)

    def record(failures: int) -> None:
        for _ in range(10):
            stories.record_fetch("gazette", "https://gazette.example/feed", LastFetch(failures=failures))

    at_once(*[partial(record, number) for number in range(1, 5)])

    assert stories.last_fetch("gazette", "https://gazette.example/feed").failures in range(1, 5)

"""Stories are kept once, and a fetch leaves what the next one needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from digest.model import Image, Story, StoryId
from digest.store.stories import LastFetch, Stories

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

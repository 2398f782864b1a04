"""Counts for those who look on are the same on each engine, and name nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from digest.model import (
    Bounce,
    BounceKind,
    DeliveryState,
    EditionName,
    Image,
    Story,
    StoryId,
    SubscriberState,
)
from digest.store.mailing import Mailing
from digest.store.stories import Stories
from digest.store.story_tallies import SourceTally, StoryTallies
from digest.store.tallies import Span, Tallies

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NAME = EditionName(newsletter="daily", date=date(2026, 11, 24))
OTHER = EditionName(newsletter="daily", date=date(2026, 11, 23))


def test_deliveries_are_counted_by_edition_and_state(engine: Engine) -> None:
    mailing, tallies = Mailing(engine, secret=lambda: b"secret"), Tallies(engine)
    for name in ("a@example.org", "b@example.org"):
        mailing.add("daily", name, consent="asked", now=NOW)
    mailing.fill(NAME, domain="dose.example", now=NOW)
    mailing.lease(NAME, owner="me", limit=1, now=NOW, until=NOW + DAY)

    assert tallies.deliveries([NAME, OTHER]) == {
        NAME: {DeliveryState.LEASED: 1, DeliveryState.QUEUED: 1},
        OTHER: {},
    }
    assert tallies.deliveries([]) == {}
    assert tallies.sent_at([NAME]) == {}
    assert tallies.settled_since(NAME, NOW - DAY) == 0


def test_who_joined_left_and_bounced_counts_in_its_span(engine: Engine) -> None:
    mailing, tallies = Mailing(engine, secret=lambda: b"secret"), Tallies(engine)
    for number, name in enumerate(("a", "b", "c", "d")):
        mailing.add("daily", f"{name}@example.org", consent="asked", now=NOW - 2 * DAY + number * DAY / 2)
    mailing.add("weekly", "a@example.org", consent="asked", now=NOW)
    mailing.remove("daily", "a@example.org", now=NOW)
    mailing.erase("daily", "b@example.org", now=NOW)
    mailing.fill(NAME, domain="dose.example", now=NOW)
    first = mailing.list_deliveries(NAME)[0]
    mailing.take_bounce(Bounce(message_id=first.message_id, kind=BounceKind.HARD), now=NOW)

    spans = tallies.spans("daily", [NOW - 2 * DAY, NOW - DAY, NOW, NOW + DAY])

    assert spans == [
        Span(since=NOW - 2 * DAY, joined=2),
        Span(since=NOW - DAY, joined=2),
        Span(since=NOW, left=2, bounced=1, came_back=1),
    ]
    assert tallies.readers() == {
        "daily": {SubscriberState.ACTIVE: 1, SubscriberState.BOUNCED: 1, SubscriberState.LEFT: 1},
        "weekly": {SubscriberState.ACTIVE: 1},
    }
    assert tallies.spans("nothing", [NOW, NOW + DAY]) == [Span(since=NOW)]


def test_stories_are_counted_by_source_with_pictures_and_captions(engine: Engine) -> None:
    def story(number: int, image: Image | None = None) -> Story:
        return Story(id=StoryId(f"s{number}"), source="wire", title=str(number), text="x", lead_image=image)

    stories, tallies = Stories(engine), StoryTallies(engine)
    told, mute, words = Image(url="u", caption="c"), Image(url="u", caption=""), Image(url=None, caption="c")
    for number, image in enumerate((told, mute, words, None)):
        stories.save([story(number, image)], source="wire", now=NOW + number * DAY / 2, is_hand_picked=False)
    stories.save([story(9)], source="old", now=NOW - DAY, is_hand_picked=False)

    assert tallies.by_source([NOW, NOW + DAY, NOW + 2 * DAY]) == {
        "wire": SourceTally(stories=4, pictures=2, captions=1, by_part=(2, 2))
    }
    assert tallies.totals() == {"wire": (4, NOW + 3 * DAY / 2), "old": (1, NOW - DAY)}
    assert [one.id for one in tallies.newest("wire", limit=2)] == ["s3", "s2"]

"""An event runs once; what is new of it runs again and says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.curate.entry import Wishes
from digest.curate.history import History
from digest.curate.rank import choose
from digest.curate.tellings import make_telling
from digest.model import Candidate, Printed, Story, StoryId

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
RAN = "Harbour bridge at Port Callow closes for a year"
TEXT = (
    "The harbour bridge at Port Callow will close for a year after divers found cracks in two piers, the harbour "
    "board said. About 12,000 drivers cross it every day."
)

MORE = (
    "Traders near the harbour bridge at Port Callow want money from the harbour board, which closes the bridge for a "
    "year because of cracks in its piers. Takings have halved, they told the council on Monday."
)


def ran(title: str = RAN, *, days: int = 1, text: str = TEXT, key: str = "old") -> Printed:
    return Printed(story_id=StoryId(key), title=title, date=NOW.date() - timedelta(days=days), text=text)


@pytest.mark.parametrize(
    ("title", "hours", "text", "outcome"),
    [
        ("Port Callow's harbour bridge to close for a year", 30, TEXT, "repeat"),
        ("Harbour bridge at Port Callow closes for a year", 2, TEXT, "repeat"),
        ("Traders at Port Callow demand money as harbour bridge closes", 2, MORE, "follow-up"),
        ("Otter census finds record numbers", 2, "Volunteers counted 214 otters on the river Lenn.", "new"),
        (
            "Port Callow opera opens with a fishing quarrel",
            2,
            "The opera tells of eels and envy in two acts.",
            "new",
        ),
    ],
)
@pytest.mark.parametrize("known", [TEXT, ""])
def test_a_repeat_a_follow_up_and_a_new_event_are_told_apart(
    title: str, hours: int, text: str, outcome: str, known: str
) -> None:
    found = History([ran(text=known)]).find_event(make_telling(title, text, NOW - timedelta(hours=hours)))

    if known or outcome != "follow-up":
        assert (found is None) is (outcome == "new")
    if found is not None:
        assert found.is_followed_up is (outcome == "follow-up")


def test_a_follow_up_runs_with_the_reason_and_a_repeat_is_left_out_with_one() -> None:
    told = {
        "again": ("Callow harbour bridge closes for a year", TEXT),
        "more": ("Traders at Port Callow demand money as harbour bridge closes", MORE),
    }
    stories = [
        Story(id=StoryId(key), source="courier", title=title, text=text)
        for key, (title, text) in told.items()
    ]
    choice = choose(
        [Candidate(story=story, seen_at=NOW - timedelta(hours=2)) for story in stories],
        wishes=Wishes(max_stories=5, max_age_hours=36),
        now=NOW,
        printed=[ran()],
    )

    assert [one.story.id for one in choice.ranked] == ["more"]
    details = [reason.detail for reason in choice.ranked[0].reasons if reason.name == "follow-up"]
    assert details == [f"follows up “{RAN}” of 2026-11-23"]
    assert [one.why for one in choice.left_out] == [f"the same event already ran 2026-11-23: “{RAN}”"]


def test_only_the_last_seven_editions_are_compared_by_event_but_a_story_is_remembered() -> None:
    others = [ran(f"Other news number {n}", days=n, text="", key=f"n{n}") for n in range(1, 8)]
    history = History([ran(days=20), *others])
    telling = make_telling("Port Callow's harbour bridge to close for a year", TEXT, NOW)

    assert history.find_event(telling) is None
    assert history.find(Story(id=StoryId("old"), source="c", title="x", text="")) is not None


def test_the_same_address_is_the_same_story() -> None:
    printed = Printed(
        story_id=StoryId("a"), title="x", date=date(2026, 11, 1), url="https://www.courier.example/a?id=2"
    )
    history = History([printed])

    def at(url: str) -> Story:
        return Story(id=StoryId("b"), source="c", title="y", text="", url=url)

    assert history.find(at("http://courier.example/a?id=2&utm_source=mail#top")) == printed
    assert history.find(at("https://courier.example/a?id=3")) is None

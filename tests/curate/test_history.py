"""An event runs once; what is new of it runs again and says so."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest

from digest.curate.entry import Wishes
from digest.curate.history import History
from digest.curate.rank import choose
from digest.curate.tellings import make_telling
from digest.model import Candidate, Follows, Printed, Story, StoryId
from tests.conftest import DATA
from tests.curate.labelled import read_labelled

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
RAN = "Harbour bridge at Port Callow closes for a year"
TEXT = (
    "The harbour bridge at Port Callow will close for a year after divers found cracks in two piers, the harbour "
    "board said. About 12,000 drivers cross it every day."
)

MORE = (
    "Traders near the closed harbour bridge at Port Callow want 400,000 crowns from the council. Takings have halved "
    "since barriers went up, their speaker Jutta Feld told a crowd in the fish hall."
)


Told = dict[str, Any]


def ran(
    title: str = RAN, *, days: int = 1, text: str = TEXT, key: str = "old", at: datetime | None = None
) -> Printed:
    date = NOW.date() - timedelta(days=days)
    return Printed(story_id=StoryId(key), title=title, date=date, text=text, at=at)


CASES = [
    (ran, told)
    for ran in tomllib.loads((DATA / "curate" / "history.toml").read_text(encoding="utf-8"))["ran"]
    for told in ran["then"]
]


def outcome_of(history: History, title: str, text: str, moment: datetime) -> str:
    found = history.find_event(make_telling(title, text, moment))
    return "new" if found is None else "follow-up" if found.is_followed_up else "repeat"


@pytest.mark.parametrize(("known", "told"), CASES, ids=[told["what"] for _, told in CASES])
def test_a_repeat_a_follow_up_and_a_new_event_are_told_apart(known: Told, told: Told) -> None:
    sent = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    printed = [ran(known["title"], text=known["text"], at=sent)]
    if "also" in told:
        after = sent + timedelta(days=1)
        printed.append(ran(told["also"]["title"], days=0, text=told["also"]["text"], key="then", at=after))

    found = outcome_of(History(printed), told["title"], told["text"], sent + timedelta(hours=told["hours"]))

    assert found == told["outcome"]


def test_follow_ups_are_told_from_tellings_by_other_outlets_on_labelled_events() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for _, group in groupby(read_labelled("events.txt"), key=lambda one: one.block):
        stories = list(group)
        first = next(one for one in stories if one.event == "A")
        history = History([ran(first.title, days=0, text=first.text, at=NOW)])
        for one in stories:
            if one is not first:
                hours = timedelta(hours=24 if one.event[0] == "O" else 9)
                moment = one.moment if one.event[0] == "F" else NOW + hours
                counts[one.event[0], outcome_of(history, one.title, one.text, moment)] += 1

    assert counts["A", "repeat"] >= 0.8 * 66
    assert counts["F", "follow-up"] >= 0.65 * 33
    assert counts["O", "new"] >= 0.65 * 33 and not counts["O", "repeat"]


@pytest.mark.parametrize("hours", [2, 30])
def test_of_a_story_whose_text_is_not_known_the_headlines_decide(hours: int) -> None:
    history = History([ran(text="", at=NOW - timedelta(hours=24))])
    moment = NOW - timedelta(hours=24 - hours)

    assert outcome_of(history, "Port Callow's harbour bridge to close for a year", TEXT, moment) == "repeat"
    assert outcome_of(history, "Otter census finds record numbers", "Of 214 otters.", moment) == "new"


def test_what_was_told_before_the_printing_is_no_news_and_later_the_same_day_it_is() -> None:
    title = "Traders at Port Callow demand money as harbour bridge closes"
    sent = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    early, late = sent - timedelta(minutes=1), sent + timedelta(hours=17)

    assert outcome_of(History([ran(at=sent)]), title, MORE, early) == "repeat"
    assert outcome_of(History([ran(at=sent)]), title, MORE, late + timedelta(hours=5)) == "follow-up"
    assert outcome_of(History([ran(at=None)]), title, MORE, late) == "repeat"


def test_an_outlets_later_changes_do_not_count_as_told() -> None:
    then = History([ran(at=NOW - timedelta(hours=24))])
    since = History([ran(text=f"{MORE} {TEXT}", at=NOW - timedelta(hours=24))])
    told = ("Traders at Port Callow demand money as harbour bridge closes", MORE, NOW)

    assert outcome_of(then, *told) == "follow-up"
    assert outcome_of(since, *told) == "repeat"


def test_what_the_editor_wrote_was_told_too() -> None:
    printed = replace(ran(at=NOW - timedelta(hours=24)), blurb=f"Traders demand money. {MORE}")
    told = ("Traders at Port Callow demand money as harbour bridge closes", MORE, NOW)

    assert outcome_of(History([printed]), *told) == "repeat"


def test_a_follow_up_names_the_last_that_ran_and_knows_all_of_it() -> None:
    second = ran(
        "Traders demand money for closed Callow bridge",
        days=1,
        text=MORE,
        key="b",
        at=NOW - timedelta(hours=24),
    )
    history = History([ran(days=2, at=NOW - timedelta(hours=48)), second])

    found = history.find_event(
        make_telling("Callow harbour bridge traders win 2 million crowns", f"The council pays. {MORE}", NOW)
    )

    assert found is not None
    assert found.follows == Follows(title=second.title, date=second.date)
    assert TEXT in found.told and MORE in found.told and RAN in found.told


def test_seven_weekly_editions_reach_back_seven_weeks() -> None:
    others = [ran(f"Other news number {n}", days=7 * n, text="", key=f"n{n}") for n in range(1, 7)]
    title = "Port Callow's harbour bridge to close for a year"

    assert outcome_of(History([ran(days=49), *others]), title, TEXT, NOW) == "repeat"
    more = ran("Other news again", days=3, text="", key="n0")
    assert outcome_of(History([ran(days=49), *others, more]), title, TEXT, NOW) == "new"


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
    assert choice.ranked[0].follows == Follows(title=RAN, date=date(2026, 11, 23))
    assert TEXT in choice.ranked[0].told
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

"""What is about to be printed is condensed, and a follow-up of which nothing is new is refused."""

from __future__ import annotations

from datetime import date

import pytest

from digest.model import Follows, Ranked, Story, StoryId
from digest.pipeline.drafting import Condensing
from digest.summarize.extractive import ExtractiveSummarizer

TOLD = "Divers found cracks in two piers of the harbour bridge at Port Callow. It will close for a year."
NOTHING_NEW = "the same event already ran 2026-11-23: “Bridge closes”, and the story says nothing new of it"


def condensing(*, held: bool = False, hand_picked: bool = False) -> Condensing:
    story = {StoryId("f")}
    return Condensing(
        summarizer=ExtractiveSummarizer(),
        words=60,
        at_least=1,
        known=[],
        held=story if held else set(),
        hand_picked=story if hand_picked else set(),
        on_blurb=lambda done, total: None,
    )


def follow_up(text: str) -> Ranked:
    story = Story(id=StoryId("f"), source="c", title="Bridge traders angry", text=text)
    follows = Follows(title="Bridge closes", date=date(2026, 11, 23))
    return Ranked(story=story, section="News", score=1.0, follows=follows, told=TOLD)


@pytest.mark.parametrize("hand_picked", [False, True])
def test_a_follow_up_of_which_nothing_is_new_is_refused_even_where_a_person_named_it(
    hand_picked: bool,
) -> None:
    made = condensing(hand_picked=hand_picked)

    assert made.refuse([follow_up(TOLD)]) == {"f": NOTHING_NEW}


def test_what_the_editor_holds_stays_under_its_headline_alone() -> None:
    made = condensing(held=True)

    assert made.refuse([follow_up(TOLD)]) == {}
    assert made.blurbs[StoryId("f")].text == ""


def test_what_is_new_of_a_follow_up_is_its_blurb() -> None:
    made = condensing()
    news = "Traders near the quay want 400,000 crowns, their speaker Jutta Feld said."

    assert made.refuse([follow_up(f"{TOLD} {news}")]) == {}
    assert made.blurbs[StoryId("f")].text == news

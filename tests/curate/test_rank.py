"""What goes into an edition, and why the rest does not."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from digest.curate.rank import Choice
from digest.model import Image, Printed, StoryId
from tests.curate.newsroom import NOW, TOPICS, candidate, filler, pick, story


def test_every_story_is_chosen_or_left_out_with_a_reason() -> None:
    candidates = [candidate(story(f"s{n}", title, hours=n * 6)) for n, title in enumerate(TOPICS)]

    choice = pick(candidates, max_stories=3)

    chosen = {one.story.id for one in choice.ranked}
    left_out = {one.story_id: one.why for one in choice.left_out}
    assert len(chosen) == 3
    assert chosen | set(left_out) == {f"s{n}" for n in range(10)}
    assert left_out[StoryId("s8")] == "older than 36 hours"
    assert left_out[StoryId("s5")] == "over the limit of 3 stories"


def test_a_score_is_the_sum_of_its_reasons() -> None:
    image = Image(url="https://gazette.example/a.jpg", caption="An otter.")
    choice = pick(
        [candidate(story("s1", TOPICS[0], lead_image=image), weight=2.0), candidate(story("s2", TOPICS[1]))]
    )

    for one in choice.ranked:
        assert one.score == round(math.fsum(reason.value for reason in one.reasons), 2)
        assert all(reason.value == round(reason.value, 2) for reason in one.reasons)
        assert all(reason.detail for reason in one.reasons)
    assert choice.ranked[0].story.id == "s1"


def test_the_same_candidates_give_the_same_choice_in_any_order() -> None:
    candidates = [candidate(story(f"s{n}", title, site=f"Site{n % 3}")) for n, title in enumerate(TOPICS)]
    first = pick(candidates, max_stories=5)

    for seed in range(5):
        shuffled = random.Random(seed).sample(candidates, len(candidates))
        assert pick(shuffled, max_stories=5) == first


@pytest.mark.parametrize(
    ("hours", "seen_hours", "is_hand_picked", "is_in"),
    [
        (40.0, 1.0, False, False),
        (40.0, 1.0, True, True),
        (2.0, 90.0, True, False),
        (None, 1.0, False, True),
        (None, 90.0, False, False),
        (-500.0, 1.0, False, True),
        (-500.0, 90.0, False, False),
        (35.9, 90.0, False, True),
    ],
)
def test_age_counts_from_publication_and_for_hand_picked_or_wrongly_dated_stories_from_when_seen(
    hours: float | None, seen_hours: float, is_hand_picked: bool, is_in: bool
) -> None:
    one = candidate(
        story("s1", TOPICS[0], hours=hours),
        seen_at=NOW - timedelta(hours=seen_hours),
        is_hand_picked=is_hand_picked,
    )

    choice = pick([one])

    assert bool(choice.ranked) is is_in
    assert [one.why for one in choice.left_out] == ([] if is_in else ["older than 36 hours"])


def test_what_ran_does_not_run_again() -> None:
    printed = [
        Printed(story_id=StoryId("s1"), title="x", date=date(2026, 11, 23)),
        Printed(story_id=StoryId("q"), title="y", date=date(2026, 11, 20), url="http://www.gazette.example/s2/?utm_source=a"),
        Printed(story_id=StoryId("z"), title="Violinist Petra Sandoval wins Ostrava prize", date=date(2026, 11, 23)),
    ]  # fmt: skip
    choice = pick([candidate(story(f"s{n}", title)) for n, title in enumerate(TOPICS[:4])], printed=printed)

    why = {one.story_id: one.why for one in choice.left_out}
    assert why[StoryId("s1")] == "already ran 2026-11-23"
    assert StoryId("s2") in why and "already ran 2026-11-2" in why[StoryId("s2")]
    assert [one.story.id for one in choice.ranked] == ["s0", "s3"]


def test_one_event_runs_once_and_names_the_other_outlets() -> None:
    text = (
        "Port Callow's night ferries will sail again from Friday after a year of repairs to the harbour wall, the "
        "harbour master Ines Falk said. The first boat leaves at 11 p.m. and carries 240 people. "
    )
    long = story("s1", "Night ferries return to Port Callow", text=text + filler("long"), site="Gazette")
    short = story("s2", "Port Callow night ferries to sail again on Friday", text=text, site="Courier")
    same_site = story("s3", "Night ferries are back in Port Callow", text=text, site="Gazette")

    choice = pick(
        [candidate(short), candidate(same_site), candidate(long), candidate(story("s4", TOPICS[4]))]
    )

    lead = next(one for one in choice.ranked if one.story.id == "s1")
    assert {one.story.id for one in choice.ranked} == {"s1", "s4"}
    assert [(other.site, other.story_id) for other in lead.also_in] == [("Courier", "s2")]
    assert "told by 2 outlets; this one is fuller: 155 words to 35" in [one.detail for one in lead.reasons]
    assert {one.why for one in choice.left_out} == {
        "the same event as “Night ferries return to Port Callow” (Gazette), which is fuller: 155 words to 35"
    }


def test_no_outlet_fills_an_edition_that_others_could_fill() -> None:
    loud = [candidate(story(f"a{n}", title), weight=9.0) for n, title in enumerate(TOPICS[:6])]
    quiet = [
        candidate(story(f"b{n}", title, site="Courier"), weight=0.5) for n, title in enumerate(TOPICS[6:])
    ]

    choice = pick([*loud, *quiet], max_stories=4)
    alone = pick(loud, max_stories=4)

    assert sorted(one.story.site or "" for one in choice.ranked) == [
        "Courier",
        "Courier",
        "Gazette",
        "Gazette",
    ]
    assert len(alone.ranked) == 4


def test_sections_stand_in_the_given_order_and_others_by_their_best_story() -> None:
    named = [
        candidate(story("s0", TOPICS[0], hours=1), section="Nature"),
        candidate(story("s1", TOPICS[1], hours=20), section="business"),
        candidate(story("s2", TOPICS[2], hours=9), section="Music"),
        candidate(story("s3", TOPICS[3], hours=2), section="Business"),
        candidate(story("s4", TOPICS[4], hours=3, section="Food")),
    ]

    choice = pick(named, sections=("Music", "Business"))

    assert [(one.section, one.story.id) for one in choice.ranked] == [
        ("Music", "s2"), ("Business", "s3"), ("Business", "s1"), ("Nature", "s0"), ("Food", "s4"),
    ]  # fmt: skip


def test_nothing_gives_nothing() -> None:
    assert pick([]) == Choice(ranked=(), left_out=())


def test_a_story_without_a_headline_is_left_out() -> None:
    choice = pick([candidate(story("s1", "  ", text="Some text."))])

    assert [one.why for one in choice.left_out] == ["it has no headline"]

"""The best stories of many kinds are taken, within limits, and each that is not is told the true reason."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.curate.entry import Held
from digest.curate.rank import Choice
from digest.model import Candidate, Image, LeftOut, Ranked, StoryId
from tests.curate.newsroom import TOPICS, candidate, pick, story


def told(count: int = 10, *, site: str = "Gazette", first: int = 0, **more: Any) -> list[Candidate]:
    """Return stories of different events, each better than the next."""
    return [
        candidate(story(f"s{n}", TOPICS[n], site=site, hours=1.0 + n), **more)
        for n in range(first, first + count)
    ]


def ids(choice: Choice) -> list[str]:
    return [one.story.id for one in choice.ranked]


def reasons(choice: Choice) -> dict[str, str]:
    return {one.story_id: one.why for one in choice.left_out}


def hold(key: str, *, why: str = "pinned", section: str = "", title: str = "", **more: Any) -> Held:
    return Held(story=story(key, title or TOPICS[int(key[1:])]), why=why, section=section, **more)


# --- limits ----------------------------------------------------------------------------------------


def test_what_only_its_outlets_share_kept_out_is_told_so() -> None:
    loud = told(4, weight=5.0)
    quiet = told(4, site="Courier", first=4)

    choice = pick([*loud, *quiet], max_stories=4)

    assert ids(choice) == ["s0", "s1", "s4", "s5"]
    share = "over its outlet's share: 2 of 4 stories are from Gazette"
    assert reasons(choice) == {
        "s2": share, "s3": share, "s6": "over the limit of 4 stories", "s7": "over the limit of 4 stories"
    }  # fmt: skip


def test_a_story_of_a_full_outlet_that_was_not_good_enough_either_is_over_the_limit() -> None:
    choice = pick([*told(2), *told(3, site="Courier", first=2), *told(1, first=9)], max_stories=4)

    assert reasons(choice)["s9"] == "over the limit of 4 stories"


def test_a_section_has_its_limit_whatever_else_is_there() -> None:
    city = told(4, section="City")
    music = told(1, first=8, section="Music")

    choice = pick([*city, *music], section_limits={" city": 2, "Sport": 1})

    assert ids(choice) == ["s0", "s1", "s8"]
    assert reasons(choice) == {"s2": "over the limit of 2 in City", "s3": "over the limit of 2 in City"}


def test_a_section_with_a_limit_of_none_stays_out() -> None:
    assert reasons(pick(told(1, section="Sport"), section_limits={"Sport": 0})) == {
        "s0": "over the limit of 0 in Sport"
    }


def test_one_story_is_not_called_stories() -> None:
    assert reasons(pick(told(2), max_stories=1)) == {"s1": "over the limit of 1 story"}


def test_another_section_comes_before_more_of_the_same_that_is_little_better() -> None:
    city = [*told(1, section="City"), *told(1, site="Courier", first=1, section="City")]
    music = told(1, site="Dispatch", first=2, section="Music")

    assert ids(pick([*city, *music], max_stories=2)) == ["s0", "s2"]


def test_what_a_story_loses_after_others_is_one_of_its_reasons() -> None:
    (variety,) = [one for one in pick(told(2, section="City")).ranked[1].reasons if one.name == "variety"]

    assert (variety.value, variety.detail) == (-0.47, "after 1 from Gazette and 1 in City")


def test_of_two_that_are_worth_the_same_the_newer_is_taken() -> None:
    text = "Said on the day. " * 40
    older = candidate(story("s0", TOPICS[0], hours=1.02, text=f"Otters. {text}"))
    newer = candidate(story("s1", TOPICS[1], hours=1.0, text=f"Glass. {text}"))

    assert ids(pick([older, newer], max_stories=1)) == ["s1"]


# --- the newsletter's words --------------------------------------------------------------------------


def test_keywords_are_worth_more_up_to_three() -> None:
    choice = pick(told(2), keywords=["WOODWORM", "ferry", "glassworks", "Mill", "Harrow", "spring"])

    assert ids(choice) == ["s1", "s0"]
    (reason,) = [one for one in choice.ranked[0].reasons if one.name == "keywords"]
    assert (reason.value, reason.detail) == (1.5, "about glassworks, Mill, Harrow, spring")


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("Otter Census", "headline"),
        ("sport", "section"),
        ("wildlife", "tags"),
        ("confirmed on the day", "text"),
    ],
)
def test_a_story_with_a_word_to_avoid_is_left_out_saying_where(word: str, where: str) -> None:
    one = candidate(story("s0", TOPICS[0], tags=("Wildlife",)), section="Sport", is_hand_picked=True)

    choice = pick([one], avoid=["art", word])

    assert reasons(choice) == {"s0": f"avoided: “{word}” is in its {where}"}
    assert choice.left_out[0].score is None


# --- what the editor holds ---------------------------------------------------------------------------


def test_a_pinned_story_takes_its_place_first() -> None:
    choice = pick(told(5), max_stories=3, held=[hold("s4")])

    assert ids(choice) == ["s0", "s4", "s1"]
    (reason,) = [one for one in choice.ranked[1].reasons if one.name == "pinned"]
    assert (reason.value, reason.detail) == (0.0, "pinned by the editor")
    assert set(reasons(choice)) == {"s2", "s3"}


def test_held_stories_count_against_the_limits_of_sections_and_outlets() -> None:
    candidates = [*told(3, section="City"), *told(3, site="Courier", first=3, section="Music")]

    choice = pick(candidates, section_limits={"City": 1}, held=[hold("s2", why="moved", section="City")])
    moved = pick(candidates, section_limits={"Music": 1}, held=[hold("s2", why="moved", section="Music")])

    assert [key for key in ids(choice) if key < "s3"] == ["s2"]
    assert sorted(ids(moved)) == ["s0", "s1", "s2"]


def test_a_held_story_runs_though_it_is_old_or_avoided_or_one_too_many() -> None:
    old = candidate(story("s5", TOPICS[5], hours=400))

    choice = pick(
        [*told(2), old], max_stories=2, avoid=["otter", "comet"], held=[hold("s5"), hold("s0"), hold("s1")]
    )

    assert sorted(ids(choice)) == ["s0", "s1", "s5"]


def test_a_held_story_that_is_no_candidate_any_more_takes_a_place_and_is_not_listed() -> None:
    choice = pick(told(3), max_stories=2, held=[hold("s7")])

    assert ids(choice) == ["s0"]
    assert set(reasons(choice)) == {"s1", "s2"}


def test_a_held_telling_leads_its_event() -> None:
    fuller = candidate(story("s3", TOPICS[0], site="Courier"), weight=5.0)
    present = pick([*told(1), fuller], held=[hold("s0", why="rewritten")])
    gone = pick([fuller], held=[hold("s0", why="rewritten")])

    why = f"the same event as “{TOPICS[0]}” (Gazette), which was rewritten by the editor"
    assert ids(present) == ["s0"] and reasons(present) == {"s3": why}
    assert ids(gone) == [] and reasons(gone) == {"s3": why}


def test_two_held_tellings_of_an_event_both_stay() -> None:
    other = candidate(story("s3", TOPICS[0], site="Courier"))

    choice = pick([*told(1), other], held=[hold("s0"), hold("s3", title=TOPICS[0])])

    assert sorted(ids(choice)) == ["s0", "s3"]


def test_a_dropped_event_gives_its_place_to_the_next_best() -> None:
    other = candidate(story("s9", TOPICS[0], site="Courier"))

    choice = pick([*told(3), other], max_stories=2, held=[hold("s0", why="dropped", is_dropped=True)])

    assert ids(choice) == ["s1", "s2"]
    assert reasons(choice) == {
        "s0": "dropped by the editor",
        "s9": f"the same event as “{TOPICS[0]}” (Gazette), which was dropped by the editor",
    }


# --- what cannot be printed ----------------------------------------------------------------------------


def test_what_cannot_be_printed_gives_its_place_to_the_next_best_and_no_more_is_asked_than_needed() -> None:
    asked: list[str] = []

    def refuse(stories: Sequence[Ranked]) -> dict[StoryId, str]:
        asked.extend(one.story.id for one in stories)
        return {one.story.id: "no blurb" for one in stories if one.story.id in ("s0", "s2")}

    choice = pick(told(6), max_stories=2, refuse=refuse)

    assert ids(choice) == ["s1", "s3"]
    assert asked == ["s0", "s1", "s2", "s3"]
    assert {key: why for key, why in reasons(choice).items() if why == "no blurb"} == {
        "s0": "no blurb",
        "s2": "no blurb",
    }


# --- promises for any candidates -----------------------------------------------------------------------

IMAGE = Image(url="https://gazette.example/a.jpg", caption="An otter.")
CANDIDATES = st.lists(
    st.builds(
        lambda key, topic, site, hours, section, weight, image, picked: candidate(
            story(f"k{key}", topic, site=site, hours=hours, lead_image=image),
            section=section,
            weight=weight,
            is_hand_picked=picked,
        ),
        st.integers(0, 40),
        st.sampled_from([*TOPICS, " "]),
        st.sampled_from(["Gazette", "The Gazette", "Courier", "Dispatch"]),
        st.sampled_from([None, 1.0, 1.02, 7.7, 50.0]),
        st.sampled_from(["", "City", "city", "Music"]),
        st.sampled_from([0.5, 1.0, 1.333, 4.0]),
        st.sampled_from([None, IMAGE]),
        st.booleans(),
    ),
    max_size=25,
    unique_by=lambda one: one.story.id,
)


@settings(max_examples=120, deadline=None)
@given(candidates=CANDIDATES, most=st.integers(1, 8), city=st.integers(0, 3), seed=st.integers(0, 9))
def test_every_candidate_is_in_or_out_once_scores_are_sums_and_order_makes_no_difference(
    candidates: list[Candidate], most: int, city: int, seed: int
) -> None:
    def refuse(stories: Sequence[Ranked]) -> dict[StoryId, str]:
        return {one.story.id: "no blurb" for one in stories if one.story.id.endswith("3")}

    wishes: dict[str, Any] = {
        "max_stories": most,
        "section_limits": {"City": city},
        "keywords": ["chess"],
        "avoid": ["postman"],
        "held": [hold("k5", title=TOPICS[0]), hold("k6", why="dropped", title=TOPICS[1], is_dropped=True)],
        "refuse": refuse,
    }

    choice = pick(candidates, **wishes)

    listed = [*ids(choice), *(one.story_id for one in choice.left_out)]
    assert sorted(listed) == sorted(one.story.id for one in candidates)
    assert all(one.why for one in choice.left_out)
    for one in choice.ranked:
        shown = [f"{reason.value:+.2f}" for reason in one.reasons]
        assert f"{math.fsum(map(float, shown)):.2f}" == f"{one.score:.2f}"
        assert one.score == float(f"{one.score:.2f}")
    shuffled = random.Random(seed).sample(candidates, len(candidates))
    assert pick(shuffled, **wishes) == choice


def test_what_is_left_out_is_listed_best_first_and_what_was_not_weighed_last() -> None:
    old = candidate(story("a0", "Old news of nothing at all", hours=99))

    left_out: tuple[LeftOut, ...] = pick([old, *told(4)], max_stories=1).left_out

    assert [one.story_id for one in left_out] == ["s1", "s2", "s3", "a0"]
    scores = [one.score for one in left_out]
    assert scores[-1] is None and all(score is not None for score in scores[:-1])

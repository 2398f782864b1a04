"""One telling leads its event, and it is told why; the other outlets are named, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.curate.rank import Choice
from digest.model import Candidate, Image, Ranked, Story, StoryId
from tests.curate.newsroom import NOW, candidate, filler, pick, story

TEXT = (
    "Port Callow's night ferries will sail again from Friday after a year of repairs to the harbour wall, the "
    "harbour master Ines Falk said. The first boat leaves at 11 p.m. and carries 240 people. "
)
TITLE = "Night ferries return to Port Callow"


def ferry(key: str, *, site: str = "Gazette", words: int = 100, **more: Any) -> Story:
    return story(key, TITLE, text=TEXT + filler("ferry", words), site=site, **more)


def reasons(choice: Choice) -> dict[str, str]:
    return {one.story_id: one.why for one in choice.left_out}


def test_the_fuller_telling_leads_and_that_is_said() -> None:
    choice = pick([candidate(ferry("a", words=50)), candidate(ferry("b", site="Courier", words=120))])

    assert [one.story.id for one in choice.ranked] == ["b"]
    assert reasons(choice) == {
        "a": f"the same event as “{TITLE}” (Courier), which is fuller: 155 words to 85"
    }


@pytest.mark.parametrize(
    ("lead", "because"),
    [
        ({"lead_image": Image(url="https://courier.example/a.jpg")}, "has a picture"),
        ({"weight": 2.0}, "has a source of more weight: 2 to 1"),
        ({"hours": 5.0}, "was told first"),
    ],
)
def test_a_picture_a_heavier_source_and_the_first_to_tell_lead_otherwise_equal_tellings(
    lead: dict[str, Any], because: str
) -> None:
    weight = lead.get("weight", 1.0)
    story_of = {key: value for key, value in lead.items() if key != "weight"}

    choice = pick([candidate(ferry("a")), candidate(ferry("b", site="Courier", **story_of), weight=weight)])

    assert [one.story.id for one in choice.ranked] == ["b"]
    assert reasons(choice)["a"].endswith(f"(Courier), which {because}")


def named(told: Sequence[Candidate]) -> list[str]:
    (lead,) = pick(told).ranked
    return [other.site for other in lead.also_in]


def test_an_outlet_is_named_once_whatever_its_spelling_and_the_leads_own_never() -> None:
    lead = ferry("lead", words=300, site="Courier")
    again = replace(ferry("again"), site="courier.example", url="https://www.courier.example/again")
    own = replace(ferry("own", site="courier", words=120))
    spelled = [("The Gazette", ""), ("Gazette", ""), ("gazette.example", "www."), (None, "m.")]
    gazettes = [
        replace(ferry(f"g{n}"), site=site, url=f"https://{host}gazette.example/{n}")
        for n, (site, host) in enumerate(spelled)
    ]

    assert named([candidate(one) for one in (lead, again, own, *gazettes)]) == ["The Gazette"]


def test_a_story_that_names_its_site_by_the_address_takes_the_name_that_others_give_it() -> None:
    told = [replace(ferry("a"), site="www.gazette.example"), story("b", "Otters double in number")]

    choice = pick([candidate(one) for one in told])

    assert [one.outlet for one in choice.ranked] == ["Gazette", "Gazette"]


def test_others_are_named_by_weight_then_by_time() -> None:
    told = [
        candidate(ferry("lead", words=300), weight=3.0),
        candidate(ferry("a", site="Late", hours=1.0)),
        candidate(ferry("b", site="Early", hours=3.0)),
        candidate(ferry("c", site="Heavy", hours=2.0), weight=2.0),
    ]

    assert named(told) == ["Heavy", "Early", "Late"]


def test_when_the_lead_cannot_be_printed_another_telling_stands_for_the_event() -> None:
    asked: list[list[str]] = []

    def refuse(stories: Sequence[Ranked]) -> dict[StoryId, str]:
        asked.append([one.story.id for one in stories])
        return {one.story.id: "no blurb" for one in stories if one.story.id == "full"}

    choice = pick(
        [
            candidate(ferry("full", words=300)),
            candidate(ferry("short", site="Courier")),
            candidate(ferry("brief", site="Dispatch", words=60)),
        ],
        refuse=refuse,
    )

    (lead,) = choice.ranked
    assert lead.story.id == "short"
    assert {other.story_id for other in lead.also_in} == {"full", "brief"}
    assert reasons(choice)["full"] == "no blurb"
    assert reasons(choice)["brief"].endswith("(Courier), which is fuller: 135 words to 95")
    assert asked == [["full"], ["short"]]


def test_an_event_is_told_by_what_was_seen_when_a_story_has_no_date() -> None:
    told = [
        candidate(ferry("a", hours=None), seen_at=NOW - timedelta(hours=1)),
        candidate(ferry("b", site="Courier", hours=None), seen_at=NOW - timedelta(hours=2)),
    ]

    assert [one.story.id for one in pick(told).ranked] == ["b"]

"""The subject carries the news, the preheader goes on from there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subject import write_preheader, write_subject
from tests.conftest import DATA

SOME_WORDS = ["the", "mill", "of", "council", "votes", "Otter,", "again;", "und", "«Zug»", "(neu)", "said."]
LONG = "Harbour bridge closes for a year as cracks spread, engineers say in a report to the council"


CASES = [
    line.split(" => ") for line in (DATA / "edition/subjects.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("headlines", "subject"), CASES)
def test_a_subject_is_the_leading_headline_cut_where_a_clause_ends(headlines: str, subject: str) -> None:
    assert write_subject(headlines.split(" | "), title="The Daily Dose") == subject


def test_a_preheader_goes_on_with_the_next_headlines() -> None:
    headlines = [LONG, "River trust buys the old mill", "Orchestra finds a lost score under the stage"]

    preheader = write_preheader(write_subject(headlines, title="T"), headlines)

    assert preheader == "River trust buys the old mill · Orchestra finds a lost score under the stage"


def test_a_preheader_of_one_story_uses_its_blurb_without_repeating_the_subject() -> None:
    blurb = "The head of the town of Lindenau stepped down on Monday after a vote that lasted all night long."

    preheader = write_preheader("Mayor resigns", ["Mayor resigns"], more=["Mayor resigns", blurb])

    assert 40 <= len(preheader) <= 90
    assert preheader.startswith("The head of the town")


words = st.lists(
    st.sampled_from(
        [
            "the",
            "mill",
            "river",
            "of",
            "council",
            "votes",
            "Otter,",
            "again;",
            "und",
            "«Zug»",
            "(neu)",
            "said.",
        ]
    ),
    max_size=30,
)


@given(st.lists(words.map(" ".join) | st.text(max_size=120), max_size=6), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_headlines_give_one_line_within_the_limits(headlines: list[str], title: str) -> None:
    subject = write_subject(headlines, title=title)
    preheader = write_preheader(subject, headlines)

    assert len(subject) <= 50 and len(preheader) <= 90
    assert not any(ord(letter) < 32 for letter in subject + preheader)


@given(st.lists(words.map(" ".join), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_subject_invents_no_word(headlines: list[str]) -> None:
    subject = write_subject(headlines, title="The Daily Dose")

    assert any(subject.rstrip("…") in headline for headline in [*headlines, "The Daily Dose"])


@pytest.mark.parametrize(
    "headline",
    [
        "The council of Tarrow has found another 3,500 euros for its library",
        "Library ends fines after eighty years and gets 3,100 books back in a month",
        "Vote set for 10:30 on Monday as the council meets again about the bridge",
    ],
)
def test_a_number_is_never_cut_in_two(headline: str) -> None:
    subject = write_subject([headline], title="Dose")

    assert not any(subject.rstrip("…").endswith(part) for part in ("another 3", "gets 3", "for 10"))

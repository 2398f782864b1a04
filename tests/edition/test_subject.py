"""The subject carries the news whole and fairly, the preheader goes on from there."""

from __future__ import annotations

import tomllib
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subject.cleaning import clean_headline
from digest.subject.clusters import clusters, length
from digest.subject.wording import clickbait, split_words
from digest.subject.write import Headline, write_preheader, write_subject
from tests.conftest import DATA

CASES: list[dict[str, Any]] = tomllib.loads((DATA / "edition/subjects.toml").read_text(encoding="utf-8"))[
    "case"
]
TITLE = "The Daily Dose"
LONG = "Harbour bridge closes for a year as cracks spread, engineers say in a report to the council"


def headlines_of(*texts: str, language: str = "en", outlet: str = "") -> list[Headline]:
    return [Headline(text=text, language=language, outlet=outlet) for text in texts]


def case_headlines(case: dict[str, Any]) -> list[Headline]:
    return headlines_of(
        *case["headlines"], language=case.get("language", "en"), outlet=case.get("outlet", "")
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["headlines"][0][:50])
def test_a_subject_is_what_the_table_says(case: dict[str, Any]) -> None:
    assert write_subject(case_headlines(case), title=TITLE) == case["subject"]


def test_the_table_is_large_and_within_the_limit() -> None:
    assert len(CASES) >= 110
    assert sum("language" not in case for case in CASES) >= 60
    assert {case.get("language", "en") for case in CASES} == {
        "en", "de", "fr", "es", "ar", "he", "ja", "hi"
    }  # fmt: skip
    for case in CASES:
        assert length(case["subject"]) <= 50 and not clickbait().search(case["subject"])


def test_an_edition_of_a_few_stories_seldom_needs_an_ellipsis() -> None:
    texts = [case for case in CASES if case.get("language", "en") == "en"]
    editions = [texts[start : start + 4] for start in range(0, len(texts), 4)]

    subjects = [
        write_subject([line for case in edition for line in case_headlines(case)[:1]], title=TITLE)
        for edition in editions
    ]

    assert sum("…" in subject for subject in subjects) <= 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["headlines"][0][:50])
def test_a_preheader_never_says_the_subject_again(case: dict[str, Any]) -> None:
    more = headlines_of("River trust buys the old mill at Otterford", "Bakery closes for one night")
    subject = write_subject(case_headlines(case), title=TITLE)

    preheader = write_preheader(subject, [*case_headlines(case), *more])

    assert 40 <= length(preheader) <= 90
    assert subject.rstrip("…") not in preheader
    assert not clickbait().search(preheader)


def test_a_preheader_goes_on_with_the_next_headlines() -> None:
    headlines = headlines_of(
        "LIVE: Harbour bridge closes",
        "Exclusive | River trust buys the old mill - The Gazette",
        "Orchestra finds a lost score under the stage",
    )

    preheader = write_preheader(write_subject(headlines, title=TITLE), headlines)

    assert preheader == "River trust buys the old mill · Orchestra finds a lost score under the stage"


def test_a_preheader_holds_whole_pieces() -> None:
    headlines = headlines_of(
        "Mayor resigns", LONG, "Bakery closes for one night", LONG.replace("bridge", "crane")
    )

    preheader = write_preheader("Mayor resigns", headlines)

    assert preheader == LONG.rpartition(" to the")[0] or "…" not in preheader


def test_a_preheader_of_one_story_uses_its_blurb_without_repeating_the_subject() -> None:
    blurb = "The head of the town of Lindenau stepped down on Monday after a vote that lasted all night long."
    headlines = headlines_of("Mayor resigns")

    preheader = write_preheader("Mayor resigns", headlines, more=headlines_of("Mayor resigns", blurb))

    assert 40 <= len(preheader) <= 90
    assert preheader.startswith("The head of the town")


def test_a_preheader_is_short_only_where_there_is_no_more_to_say() -> None:
    assert write_preheader("Mayor resigns", headlines_of("Mayor resigns", "Bakery closes")) == "Bakery closes"
    assert write_preheader("Mayor resigns", headlines_of("Mayor resigns")) == ""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Zoë", 3),
        ("Zoe\u0308", 3),
        ("👩‍👩‍👧‍👦👍🏽", 2),
        ("🇩🇪🇫🇷", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("क्षत्रिय", 3),
        ("한국", 2),
        ("한", 1),
        ("1️⃣❤️", 2),
        ("ที่นำ", 2),
    ],
)
def test_characters_are_counted_as_readers_see_them(text: str, count: int) -> None:
    assert length(text) == count
    assert "".join(clusters(text)) == text


def test_a_cut_never_falls_inside_what_a_reader_sees_as_one_character() -> None:
    for sign in ("👩‍👩‍👧‍👦", "क्षि", "e\u0301\u0323", "🇩🇪", "각"):
        subject = write_subject(headlines_of("a " + sign * 80), title=TITLE)

        assert set(clusters(subject)) <= {"a", " ", "…", *clusters(sign)}
        assert length(subject) <= 50


# --- any text ------------------------------------------------------------------------------------

SOME_WORDS = [
    "the", "mill", "river", "of", "council", "votes", "Otter,", "again;", "und", "«Zug»", "(neu)", "said.",
    "LIVE:", "|", "-", "—", "after", "in", "Tarrow", "3,500", "“a", "b”", "'c'", "as", "not", "alleged", "👩‍👧", "नमस्ते",
    "橋が", "閉鎖、", "\u202e", "e\u0301", "?", "!", "who", "and", "Gazette", "if", "says",
]  # fmt: skip
worded = st.lists(st.sampled_from(SOME_WORDS), max_size=30).map(" ".join)
hostile = worded | st.text(max_size=120) | st.text(st.characters(codec=None), max_size=60)
languages = st.sampled_from(["en", "de", "fr", "es", "ar", "he", "ja", "hi", "it", "", "de-CH"])
lines = st.lists(
    st.builds(Headline, text=hostile, language=languages, outlet=st.just("Gazette") | st.text(max_size=9)),
    max_size=6,
)


@given(lines, st.text(max_size=80))
@settings(max_examples=250, deadline=None)
def test_any_headlines_give_clean_lines_within_the_limits(headlines: list[Headline], title: str) -> None:
    subject = write_subject(headlines, title=title)
    preheader = write_preheader(subject, headlines)

    assert length(subject) <= 50 and length(preheader) <= 90
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in subject + preheader)
    assert subject == write_subject(headlines, title=title)
    assert preheader == write_preheader(subject, headlines)
    assert subject or not any(clean_headline(one.text) for one in headlines)


@given(st.lists(worded, min_size=1, max_size=6), languages)
@settings(max_examples=200, deadline=None)
def test_a_subject_invents_no_word(texts: list[str], language: str) -> None:
    headlines = headlines_of(*texts, language=language)
    known = {word for text in (*texts, TITLE) for word in split_words(text.replace("\u202e", ""))}

    subject = write_subject(headlines, title=TITLE)

    assert set(split_words(subject.replace("…", " "))) <= known


@given(worded, languages)
@settings(max_examples=150, deadline=None)
def test_a_negation_or_a_doubt_is_never_lost_without_a_sign(text: str, language: str) -> None:
    told = f"{text}, but the council says not"

    subject = write_subject(headlines_of(told), title=TITLE)

    assert "not" in split_words(subject) or "…" in subject or subject == TITLE or language != "en"


@pytest.mark.parametrize(
    "text", ["a " * 50_000, "a, " * 30_000, "“" * 90_000, "in 1 " * 20_000, "👩‍👧" * 30_000, " | a" * 20_000]
)
def test_a_headline_of_any_length_is_looked_at_in_no_time(text: str) -> None:
    headlines = headlines_of(text, text, text)

    subject = write_subject(headlines, title=TITLE)

    assert subject and length(subject) <= 50

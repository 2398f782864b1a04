"""What a text says is checked against its story, with the spans that decide."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Story, StoryId
from digest.summarize.extractive import ExtractiveSummarizer
from digest.summarize.facts import FactKind, Verdict, check_facts, unsupported
from digest.summarize.figures import find_figures
from digest.summarize.sensitivity import Sensitive, find_concerns
from tests.conftest import DATA
from tests.summarize.fact_cases import FactCase, measure, read_cases, said_of

STORY = Story(
    id=StoryId("s"),
    source="courier",
    title="Harbour bridge at Port Callow to close for a year",
    text=(
        "The harbour bridge at Port Callow will close for a year, harbour director Ines Falk told traders on Monday. "
        "It closes on 1 December 2026. About 12,000 drivers cross it every day.\n\n"
        "“The bolts were gone. The paint held it up,” Falk said. Repairs will cost 2.5 million crowns. "
        "Four people were hurt in June when a lorry hit a pier. The driver, Max Orr, allegedly sold the bolts. "
        "Falk said that he forged the bills."
    ),
    published_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
)
CASES = [
    line.partition("=>")[::2]
    for line in (DATA / "summarize/facts.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_the_story_does_not_say_is_found(text: str, expected: str) -> None:
    found = unsupported(check_facts(text.strip(), STORY))

    said = [f"{one.kind}{'!' if one.verdict is Verdict.CONTRADICTED else ':'}{one.text}" for one in found]
    assert said == [part for part in expected.strip().split(" / ") if part]


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: f"{case.story.id}: {case.text[:40]}")
def test_facts_are_judged_as_the_table_says(case: FactCase) -> None:
    found = [said_of(fact) for fact in unsupported(check_facts(case.text, case.story))]

    assert sorted(found) == sorted(case.expected)


def test_the_table_is_large_and_its_stories_bear_themselves_out() -> None:
    cases = read_cases()

    assert len(cases) >= 120
    assert measure(cases)[1:] == (0, 0, [])
    for story in {case.story.id: case.story for case in cases}.values():
        assert unsupported(check_facts(story.text, story)) == []


def test_spans_show_where_the_story_says_it_or_says_otherwise() -> None:
    facts = check_facts("“The paint held it up,” said Ines Falk of the 13,000 drivers.", STORY)

    said = {fact.kind: [STORY.text[start:end] for start, end in fact.spans] for fact in facts}
    assert said == {
        FactKind.QUOTATION: ["The paint held it up"],
        FactKind.NAME: ["Ines Falk"],
        FactKind.NUMBER: ["12,000"],
    }


def test_the_storys_own_sentences_are_always_borne_out() -> None:
    blurb = ExtractiveSummarizer().summarize(STORY, words=60)

    assert blurb.text
    assert unsupported(check_facts(blurb.text, STORY)) == []


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["en", "de", "fr", "ja"]))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_checked_against_any_story(text: str, told: str, language: str) -> None:
    story = Story(id=StoryId("s"), source="c", title="", text=told, language=language)

    for fact in check_facts(text, story):
        assert text[fact.start : fact.end] == fact.text
        assert all(0 <= start < end <= len(told) for start, end in fact.spans)


@pytest.mark.parametrize(
    "part",
    [
        "Aa ",
        "Aa-",
        "A.",
        "1 ",
        "“a ",
        "a-",
        "d'A",
        " ",
        "in May ",
        "hundreds ",
        "Ada Vale said “no” on Monday. ",
    ],
)
def test_hostile_text_is_checked_in_bounded_time(part: str) -> None:
    story = Story(id=StoryId("s"), source="c", title="", text=part * (30_000 // len(part)))
    before = time.process_time()

    check_facts(part * (2_000 // len(part)), story)

    assert time.process_time() - before < 15


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("1,250.5 and 1.250,5", "en", [1250.5]),
        ("1.250,5 Euro", "de", [1250.5]),
        ("1 250 euros", "fr", [1250.0]),
        ("$3bn, 40 lakh, 9½", "en", [3e9, 4e6, 9.5]),
        ("zwölf Millionen", "de", [12e6]),
        ("on March 5, 2025", "en", [(None, 2025, 3, 5)]),
        ("am 5. März", "de", [(None, None, 3, 5)]),
        ("2026-11-24", "en", [(None, 2026, 11, 24)]),
        ("le lundi 5 mai", "fr", [(0, None, None, None), (None, None, 5, 5)]),
        ("She may march on.", "en", []),
    ],
)
def test_figures_have_one_value_however_they_are_written(
    text: str, language: str, values: list[object]
) -> None:
    found = [figure.value for figure in find_figures(text, language=language)]

    assert found[: len(values)] == values and (values or not found)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Max Orr sold the bolts.", [Sensitive.HEDGE_DROPPED]),
        ("Max Orr allegedly sold the bolts.", []),
        ("He forged the bills.", [Sensitive.HEDGE_DROPPED]),
        ("He forged the bills, Falk said.", []),
        ("Mia Tull, 11, won.", [Sensitive.MINOR_NAMED]),
        ("Mia Tull, 31, won.", []),
        ("The 11-year-old Mia Tull won.", [Sensitive.MINOR_NAMED]),
        ("Ada Tull died on Friday.", [Sensitive.DEATH]),
        ("The bridge will close.", []),
    ],
)
def test_what_an_editor_should_look_at_is_marked(text: str, kinds: list[Sensitive]) -> None:
    assert [concern.kind for concern in find_concerns(text, STORY)] == kinds

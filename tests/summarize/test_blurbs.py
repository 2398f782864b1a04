"""A blurb reads well by itself and is the story's own words.

The stories stand in `tests/data/summarize/stories`, parted by a line of equal signs: a few `key: value` lines, then
one line of text. What stands in ⟦ ⟧ may never be in a blurb; a sentence in ⟨ ⟩ only behind the one before it.
`blurb: none` asks for no blurb, `blurb: any` for one that may lean. `needs: The yard closed | yard at | shipyard` asks
that a blurb with the first text holds one of the others, up to the sentence's end and outside of the first.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Blurb, Image, Story, StoryId
from digest.summarize.extractive import ExtractiveSummarizer
from digest.summarize.quotes import is_balanced
from tests.conftest import DATA

SUMMARIZER = ExtractiveSummarizer()
MARKS = re.compile("[⟦⟧⟨⟩]")


@dataclass
class Sample:
    """A story with what is expected of its blurb, as spans of its text."""

    name: str
    story: Story
    keys: dict[str, str]
    never: list[tuple[int, int]] = field(default_factory=list)
    leaning: list[tuple[int, int]] = field(default_factory=list)
    needs: list[list[str]] = field(default_factory=list)

    @property
    def words(self) -> int:
        return int(self.keys.get("words", "60"))

    @property
    def kind(self) -> str:
        return self.keys.get("blurb", "some")


def _sample(shape: str, block: str) -> Sample:
    keys: dict[str, str] = {}
    needs: list[list[str]] = []
    lines = block.strip("\n").split("\n")
    while lines and re.match(r"[a-z_]+: ", lines[0]):
        name, _, value = lines.pop(0).partition(": ")
        if name == "needs":
            needs.append(value.split(" | "))
        keys[name] = value
    marked = "\n\n".join(lines)
    text, spans, opened = "", {"⟧": [], "⟩": []}, 0  # type: tuple[str, dict[str, list[tuple[int, int]]], int]
    for letter in marked:
        if letter in "⟦⟨":
            opened = len(text)
        elif letter in "⟧⟩":
            spans[letter].append((opened, len(text)))
        else:
            text += letter
    end = text.index(keys["blurb_end"]) if "blurb_end" in keys else None
    caption = (
        Image(url="https://courier.example/a.jpg", caption=keys["caption"]) if "caption" in keys else None
    )
    story = Story(
        id=StoryId(keys["title"]),
        source="courier",
        title=keys["title"],
        text=text,
        language=keys.get("lang", "en"),
        blurb_end=end,
        lead_image=caption,
    )
    return Sample(f"{shape}: {keys['title'][:40]}", story, keys, spans["⟧"], spans["⟩"], needs)


SAMPLES = [
    _sample(path.stem, block)
    for path in sorted((DATA / "summarize/stories").glob("*.txt"))
    for block in path.read_text(encoding="utf-8").split("=====\n")
]
EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


def overlaps(one: Sequence[int], other: Sequence[int]) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])


def faults_of(sample: Sample, spans: Sequence[Sequence[int]]) -> list[str]:
    """Say what is wrong with a blurb of these spans: what is no news, dangles, or lacks what it must keep."""
    text, faults, told_before = sample.story.text, [], ""
    for never in sample.never:
        if any(overlaps(span, never) for span in spans):
            faults.append(f"no news: {text[never[0] : never[1]]}")
    for leaning in sample.leaning:
        before = [span for span in spans if span[1] <= leaning[0]]
        is_near = bool(before) and len(text[before[-1][1] : leaning[0]].strip()) < 90
        if any(overlaps(span, leaning) for span in spans) and not is_near:
            faults.append(f"points at what is left out: {text[leaning[0] : leaning[1]]}")
    for start, end in spans:
        sentence = text[start:end]
        for told, *antecedents in sample.needs:
            known = told_before + sentence.replace(told, "")
            if told in sentence and not any(one in known for one in antecedents):
                faults.append(f"speaks of what is left out: {told}")
        told_before += sentence
    return faults


def blurb_of(sample: Sample) -> Blurb:
    return SUMMARIZER.summarize(sample.story, words=sample.words)


def test_there_are_a_hundred_stories_in_a_dozen_languages() -> None:
    assert len(SAMPLES) >= 140
    assert len({sample.story.language for sample in SAMPLES}) >= 12


@EVERY
def test_a_blurb_is_whole_sentences_of_the_story_in_its_order(sample: Sample) -> None:
    blurb = blurb_of(sample)

    text = sample.story.text
    assert all(text[one.start : one.end] == one.text for one in blurb.sentences)
    assert [one.start for one in blurb.sentences] == sorted(one.start for one in blurb.sentences)
    assert blurb.text == " ".join(one.text for one in blurb.sentences)
    assert len(blurb.text.split()) <= sample.words
    assert is_balanced(blurb.text, language=sample.story.language)
    assert all(one.end <= (sample.story.blurb_end or len(text)) for one in blurb.sentences)


@EVERY
def test_there_is_a_blurb_or_a_reason_why_not(sample: Sample) -> None:
    blurb = blurb_of(sample)

    assert bool(blurb.text) is (sample.kind != "none")
    assert bool(blurb.note) is (sample.kind == "none")


@EVERY
def test_a_blurb_holds_nothing_but_news_and_points_at_nothing_left_out(sample: Sample) -> None:
    blurb = blurb_of(sample)

    assert faults_of(sample, [(one.start, one.end) for one in blurb.sentences]) == []


@EVERY
def test_a_blurb_starts_and_keeps_what_it_must(sample: Sample) -> None:
    blurb = blurb_of(sample)

    assert blurb.text.startswith(sample.keys.get("starts", ""))
    assert sample.keys.get("keeps", "") in blurb.text


@EVERY
@pytest.mark.parametrize("words", [1, 8, 15, 25, 40, 120])
def test_no_limit_is_ever_passed(sample: Sample, words: int) -> None:
    blurb = SUMMARIZER.summarize(sample.story, words=words, sentences=2)

    assert len(blurb.text.split()) <= words
    assert len(blurb.sentences) <= 2


@pytest.mark.parametrize("name", ["ja", "hi", "de"])
def test_text_without_spaces_has_a_limit_too(name: str) -> None:
    samples = [sample for sample in SAMPLES if sample.story.language == name]

    for sample in samples:
        assert len(SUMMARIZER.summarize(sample.story, words=20).text) <= 240
    if name == "ja":
        assert all(len(SUMMARIZER.summarize(one.story, words=20).text) <= 60 for one in samples)


def test_the_lead_image_goes_with_the_blurb() -> None:
    image = Image(url="https://courier.example/a.jpg", caption="An otter.", credit="NWA")
    story = Story(
        id=StoryId("s"), source="c", title="T", text="The otter was seen in Callow.", lead_image=image
    )

    assert SUMMARIZER.summarize(story, words=60).image == image


@pytest.mark.parametrize(
    "text", ["word " * 1_000_000, "A short one is here. " * 250_000, "字" * 1_700_000, '"x. ' * 900_000]
)
def test_five_megabytes_of_text_take_no_long_time(text: str) -> None:
    started = time.process_time()

    blurb = SUMMARIZER.summarize(Story(id=StoryId("s"), source="c", title="A short one", text=text), words=60)

    assert time.process_time() - started < 2
    assert len(blurb.text.split()) <= 60


@given(
    st.text(max_size=300),
    st.text(max_size=60),
    st.sampled_from(["en", "de", "ja", "ar", "xx"]),
    st.integers(0, 60),
)
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_blurb_or_a_reason(text: str, title: str, language: str, words: int) -> None:
    story = Story(id=StoryId("s"), source="c", title=title, text=text, language=language)

    blurb = SUMMARIZER.summarize(story, words=words)

    assert bool(blurb.text) != bool(blurb.note)
    assert all(text[one.start : one.end] == one.text for one in blurb.sentences)


def test_a_larger_limit_gives_more_sentences() -> None:
    english = [one for one in SAMPLES if one.story.language == "en" and one.kind == "some"][:8]
    story = Story(
        id=StoryId("s"),
        source="c",
        title="All of Westmark",
        text="\n\n".join(one.story.text for one in english),
    )

    words = [len(SUMMARIZER.summarize(story, words=limit).text.split()) for limit in (30, 60, 120, 240)]

    assert all(words[at] > 0.6 * limit for at, limit in enumerate((30, 60, 120, 240)))

"""Condense a story into whole sentences of its own, letter for letter, each with its offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from digest.model import Blurb, Story, StoryId
from digest.summarize.choosing import Limits, Model, choose_passages, shipped_model
from digest.summarize.passages import PART_OF_LIST, Passage, Reading, read_story
from digest.summarize.told import find_told

METHOD = "extractive/1"
TOLD_BEFORE = "told before"
NOTHING_NEW = "The story says nothing new of an event that ran."
CHARACTERS_A_WORD = 12
CHARACTERS_A_WORD_UNSPACED = 3
"""Characters that a word of the limit allows: text without spaces has few words however long it is."""

_LESSER_FAULTS = ("question", "unbalanced quotation", "too short", PART_OF_LIST)


class ExtractiveSummarizer:
    """The summarizer that needs nothing but the story."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or shipped_model()

    def summarize(self, story: Story, *, words: int, sentences: int | None = None, told: str = "") -> Blurb:
        """Return a blurb of at most `words` words and `sentences` sentences, in story order.

        None of them says only what was `told` before. Where nothing of the story is fit to print the blurb has no
        sentences, and its `note` says why.
        """
        reading = read_story(story)
        if told:
            reading = _without_told(reading, story, told)
        limits = _limits(story, words, sentences)
        chosen = _choose(reading, limits, self._model)
        return Blurb(
            story_id=story.id,
            text=" ".join(passage.sentence.text for passage in chosen),
            sentences=tuple(passage.sentence for passage in chosen),
            image=story.lead_image,
            method=METHOD,
            note="" if chosen else _reason(reading, limits),
        )

    def summarize_all(
        self,
        stories: Iterable[Story],
        *,
        words: int,
        sentences: int | None = None,
        known: Iterable[Blurb] = (),
        told: Mapping[StoryId, str] | None = None,
    ) -> Iterator[Blurb]:
        """Yield the blurbs of stories, in order; they are made anew, `known` or not."""
        for story in stories:
            before = told.get(story.id, "") if told else ""
            yield self.summarize(story, words=words, sentences=sentences, told=before)


def _without_told(reading: Reading, story: Story, told: str) -> Reading:
    """Mark the passages that say nothing beyond what was told."""
    sentences = [passage.sentence for passage in reading.passages]
    places = find_told(sentences, story.text, told, language=story.language)
    passages = (
        replace(passage, fault=passage.fault or TOLD_BEFORE) if passage.place in places else passage
        for passage in reading.passages
    )
    return replace(reading, passages=tuple(passages))


def _limits(story: Story, words: int, sentences: int | None) -> Limits:
    letters = len(story.text) - story.text.count(" ")
    is_spaced = letters < 30 * (len(story.text[:4000].split()) or 1) * max(1.0, len(story.text) / 4000)
    characters = words * (CHARACTERS_A_WORD if is_spaced else CHARACTERS_A_WORD_UNSPACED)
    if sentences is None:
        return Limits(words=words, characters=characters)
    return Limits(words=words, characters=characters, sentences=sentences)


def _choose(reading: Reading, limits: Limits, model: Model) -> tuple[Passage, ...]:
    """Choose among faultless passages; else take the first that leans, then one with a lesser fault."""
    faultless = [passage for passage in reading.passages if not passage.fault]
    chosen = choose_passages(reading, faultless, limits, model=model)
    if chosen or limits.sentences < 1:
        return chosen
    lesser = [passage for passage in reading.passages if passage.fault in _LESSER_FAULTS]
    for passage in (*faultless, *lesser):
        if passage.words <= limits.words and len(passage.sentence.text) <= limits.characters:
            return (passage,)
    return ()


def _reason(reading: Reading, limits: Limits) -> str:
    if not reading.passages:
        return "The story has no text."
    faults = sorted({passage.fault for passage in reading.passages})
    if TOLD_BEFORE in faults and "" not in faults:
        return NOTHING_NEW
    if {"", *_LESSER_FAULTS} & set(faults):
        return f"No sentence of the story fits in {limits.words} words."
    if faults == ["the headline again"]:
        return "The story says no more than its headline."
    return f"No sentence of the story can stand alone ({', '.join(faults)})."

"""Weigh a story: each reason that it is worth its place, or not, with a value to two decimals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from digest.curate.entry import Entry, Wishes, make_reason
from digest.curate.phrases import Phrases, folded
from digest.model import Candidate, Reason, Story

HALF_LIFE_HOURS = 12
FULL_LENGTH_WORDS = 500
A_KEYWORD = 0.5
KEYWORDS_COUNTED = 3
BEGINNING = 2000
"""Characters of a story's text in which a keyword says what it is about."""


class Weights:
    """What stories are weighed by: a newsletter's words, and the time."""

    def __init__(self, wishes: Wishes, now: datetime) -> None:
        self._keywords, self._avoid, self._now = Phrases(wishes.keywords), Phrases(wishes.avoid), now

    def avoided(self, candidate: Candidate) -> str:
        """Return why the newsletter avoids a story; empty: it does not."""
        if not self._avoid:
            return ""
        story = candidate.story
        for where, text in chain(_labels(candidate), [("text", story.text[: story.blurb_end])]):
            found = self._avoid.found_in(folded(text))
            if found:
                return f"avoided: “{found[0]}” is in its {where}"
        return ""

    def reasons(self, entry: Entry) -> Iterator[Reason]:
        """Give the parts of a story's score that are its own."""
        candidate, story = entry.candidate, entry.story
        hours = max(0.0, (self._now - entry.telling.moment).total_seconds() / 3600)
        told = f"{'picked' if candidate.is_hand_picked else 'told'} {_ago(hours)}"
        yield make_reason("freshness", 2 * 0.5 ** (hours / HALF_LIFE_HOURS), told)
        yield make_reason("source", candidate.weight, f"{story.source} has weight {candidate.weight:g}")
        words = count_words(story.text)
        length = min(words, FULL_LENGTH_WORDS) / FULL_LENGTH_WORDS if words >= 40 else -0.5
        yield make_reason("length", length, f"{words} word{'s' * (words != 1)}")
        if has_picture(story):
            has_caption = story.lead_image is not None and bool(story.lead_image.caption)
            detail = "has a picture with its caption" if has_caption else "has a picture"
            yield make_reason("picture", 0.6 if has_caption else 0.4, detail)
        if candidate.is_hand_picked:
            yield make_reason("hand-picked", 0.5, "a person named it")
        found = self._keywords and self._keywords.found_in(_beginning(candidate))
        if found:
            yield make_reason(
                "keywords", A_KEYWORD * min(len(found), KEYWORDS_COUNTED), f"about {', '.join(found)}"
            )


def _labels(candidate: Candidate) -> Iterator[tuple[str, str]]:
    story = candidate.story
    yield "headline", story.title
    yield "section", candidate.section or story.section or ""
    yield from (("tags", tag) for tag in story.tags)


def _beginning(candidate: Candidate) -> str:
    text = candidate.story.text[:BEGINNING]
    return folded("\n\n".join([*(label for _, label in _labels(candidate)), text]))


def has_picture(story: Story) -> bool:
    """Say whether a story has a picture that can be shown."""
    return story.lead_image is not None and bool(story.lead_image.url or story.lead_image.file)


def count_words(text: str) -> int:
    """Count the words; of text without spaces, its pairs of letters."""
    words = len(text.split())
    return words if len(text) <= 30 * words else len(text) // 2


def _ago(hours: float) -> str:
    if hours < 1:
        minutes = round(hours * 60)
        return "just now" if minutes < 1 else f"{minutes} minute{'s' * (minutes != 1)} ago"
    if hours < 48:
        return f"{hours:.0f} hour{'s' * (round(hours) != 1)} ago"
    return f"{hours / 24:.0f} days ago"

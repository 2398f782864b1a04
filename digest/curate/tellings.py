"""Reduce a story to what tells whether another one is of the same event: words, names, numbers, time."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

from digest.curate.words import names_of, numbers_of, stems_of, weekdays_of, words_of
from digest.model import Story

LEAD_WORDS = 60
HEAD_WORDS = 25
SHINGLED_WORDS = 600
SKETCH = 64
LEAST_SHINGLED = 25
"""Words of the text that are compared, words whose shingles are sampled, and how many of those are kept.

A text of fewer than LEAST_SHINGLED words has no shingles: two short texts may be alike by chance.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is compared of one story: sets of stems, its numbers, a sketch of its shingles, its time.

    `lead` are the stems of the title and the first words of the text; `head` those of the title and the first
    sentences. `names` are written as names, `plain` as other words. `days` are weekdays, the first named first.
    """

    title: frozenset[str]
    head: frozenset[str]
    lead: frozenset[str]
    names: frozenset[str]
    places: frozenset[str]
    plain: frozenset[str]
    numbers: frozenset[str]
    days: tuple[int, ...]
    sketch: tuple[int, ...]
    moment: datetime


def telling_of(story: Story, moment: datetime) -> Telling:
    """Return what is compared of a story that is told at that moment."""
    end = len(story.text) if story.blurb_end is None else story.blurb_end
    return make_telling(story.title, story.text[: min(end, 12 * SHINGLED_WORDS)], moment)


def make_telling(title: str, text: str, moment: datetime) -> Telling:
    """Return what is compared of a title and a text."""
    words = words_of(text)
    lead = _beginning(text, LEAD_WORDS)
    title_stems = frozenset(stems_of(words_of(title)))
    told, titled = names_of(lead), names_of(title, is_title=True)
    return Telling(
        title=title_stems,
        head=title_stems | frozenset(stems_of(words_of(_beginning(text, HEAD_WORDS)))),
        lead=title_stems | frozenset(stems_of(words_of(lead))),
        names=told.names | titled.names,
        places=told.places | titled.places,
        plain=told.plain | titled.plain,
        numbers=numbers_of(f"{title} {lead}"),
        days=weekdays_of(f"{title} {lead}"),
        sketch=_sketch(words[:SHINGLED_WORDS]),
        moment=moment,
    )


def _beginning(text: str, count: int) -> str:
    """Return the first words of a text; of one without spaces, as many letters as they would have."""
    words = " ".join(text.split(maxsplit=count)[:count])
    return words if len(words) <= 16 * count else words[: 4 * count]


def resemblance(one: Telling, other: Telling) -> float:
    """Estimate the share of three-word shingles that two stories have in common."""
    if not one.sketch or not other.sketch:
        return 0.0
    size = min(len(one.sketch), len(other.sketch), SKETCH)
    union = sorted({*one.sketch, *other.sketch})[:size]
    both = set(one.sketch) & set(other.sketch)
    return sum(value in both for value in union) / len(union)


def _sketch(words: list[str]) -> tuple[int, ...]:
    """Return the smallest hashes of the shingles: a sample that is the same for equal sets."""
    if len(words) < LEAST_SHINGLED:
        return ()
    hashes = {
        zlib.crc32(f"{a} {b} {c}".encode("utf-8", errors="replace"))
        for a, b, c in zip(words, words[1:], words[2:], strict=False)
    }
    return tuple(sorted(hashes)[:SKETCH])

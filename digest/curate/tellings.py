"""Reduce a story to what tells whether another one is of the same event: words, names, numbers, time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.curate.words import name_lengths, names_of, numbers_of, stems_of, topics, weekdays_of, words_of
from digest.model import Story

LEAD_WORDS = 60
HEAD_WORDS = 30
TOLD_WORDS = 40
FULL_WORDS = 300
SHINGLED_WORDS = 600
SKETCH = 64
LEAST_SHINGLED = 25
"""How many words of the text are its head, those whose numbers are told at once, its lead, and all that is compared of
it; words whose shingles are sampled, and how many of those are kept.

A text of fewer than LEAST_SHINGLED words has no shingles: two short texts may be alike by chance.
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telling:
    """What is compared of one story: sets of stems, its numbers, a sketch of its shingles, its time.

    `head`, `lead` and `full` are the stems of the title and of ever more words of the text. `names` are written as
    names, `plain` as other words; of those a name of several words has their number in `name_lengths`. `topics` says
    how much the story is of each. `days` are weekdays, the first named first; `told_numbers` those of the head.
    """

    title: frozenset[str]
    head: frozenset[str]
    lead: frozenset[str]
    full: frozenset[str]
    names: frozenset[str]
    name_lengths: Mapping[str, float]
    plain: frozenset[str]
    topics: Mapping[str, float]
    numbers: frozenset[str]
    told_numbers: frozenset[str]
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
    begun = _beginning(text, FULL_WORDS)
    lead = _beginning(begun, LEAD_WORDS)
    title_stems = frozenset(stems_of(words_of(title)))
    head = title_stems | frozenset(stems_of(words_of(_beginning(lead, HEAD_WORDS))))
    full = title_stems | frozenset(stems_of(words_of(begun)))
    told, titled = names_of(begun), names_of(title, is_title=True)
    names = told.names | titled.names
    return Telling(
        title=title_stems,
        head=head,
        lead=title_stems | frozenset(stems_of(words_of(lead))),
        full=full,
        names=names,
        name_lengths={stem: n for stem, n in name_lengths(begun).items() if n > 1 and stem in names},
        plain=told.plain | titled.plain,
        topics=_topics(title_stems, head, full),
        numbers=numbers_of(f"{title} {begun}"),
        told_numbers=numbers_of(f"{title} {_beginning(lead, TOLD_WORDS)}"),
        days=weekdays_of(f"{title} {lead}"),
        sketch=_sketch(words[:SHINGLED_WORDS]),
        moment=moment,
    )


def _topics(title: frozenset[str], head: frozenset[str], full: frozenset[str]) -> dict[str, float]:
    """Weigh the topics of the meanings in a story; a meaning of the headline counts more, one far down less."""
    found: dict[str, float] = {}
    known = topics()
    for stem in sorted(full):
        topic = known.get(stem)
        if topic:
            weight = 1.5 if stem in title else 1.0 if stem in head else 0.5
            found[topic] = found.get(topic, 0.0) + weight
    return found


def _beginning(text: str, count: int) -> str:
    """Return the first words of a text; of one without spaces, as many letters as they would have."""
    words = " ".join(text.split(maxsplit=count)[:count])
    return words if len(words) <= 16 * count else words[: 4 * count]


def resemblance(one: Telling, other: Telling) -> float:
    """Estimate the share of three-word shingles that two stories have in common."""
    if not one.sketch or not other.sketch:
        return 0.0
    both = set(one.sketch).intersection(other.sketch)
    if not both:
        return 0.0
    size = min(len(one.sketch), len(other.sketch), SKETCH)
    union = sorted({*one.sketch, *other.sketch})[:size]
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

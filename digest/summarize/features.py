"""Describe a passage, and a set of passages, in the numbers that the learned model weighs."""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.summarize.passages import Passage, Reading

PASSAGE_FEATURES = (
    "late",
    "title_early",
    "central",
    "quotation",
    "names",
    "capitals",
    "short",
    "first_person",
)
SET_FEATURES = (
    "fill",
    "fill_squared",
    "count",
    "title_cover",
    "title_pairs_cover",
    "often_cover",
    "central_cover",
    "repeats",
)
EARLY = 3
"""Sentences at the beginning of a story whose likeness to the title says most."""


class Sums(NamedTuple):
    """What a set of passages adds up to.

    `stems` and `title_pairs` are bits; `total` counts the stems passage by passage.
    """

    size: int
    words: int
    characters: int
    stems: int
    title_pairs: int
    total: int


_QUOTE = re.compile(r"[\"“”„«»「]")
_FIRST_PERSON = re.compile(r"\b(?:I|we|We|my|our|us|me|you)\b")
_CAPITAL = re.compile(r"(?:^|\s)[\"“‘'(]*[A-ZÀ-ÖØ-Þ]")


def describe_passage(passage: Passage, reading: Reading) -> tuple[float, ...]:
    """Return the numbers of PASSAGE_FEATURES, each about 0 to 1."""
    text = passage.sentence.text
    place = passage.place
    size = passage.stems.bit_count() or 1
    return (
        place / len(reading.passages),
        (passage.stems & reading.title).bit_count() / reading.title_size if place < EARLY else 0.0,
        (passage.stems & reading.central).bit_count() / size,
        1.0 if _QUOTE.search(text) else 0.0,
        min(len(passage.names), 6) / 6,
        len(_CAPITAL.findall(text)) / (passage.words or 1),
        1.0 if passage.words < 9 else 0.0,
        1.0 if _FIRST_PERSON.search(text) else 0.0,
    )


def describe_set(reading: Reading, sums: Sums, *, limit: int) -> tuple[float, ...]:
    """Return the numbers of SET_FEATURES of a set of passages, for a limit in words."""
    fill = sums.words / limit
    return (
        fill,
        fill * fill,
        sums.size / 3,
        (sums.stems & reading.title).bit_count() / reading.title_size,
        sums.title_pairs.bit_count() / reading.title_pairs_size,
        (sums.stems & reading.often).bit_count() / reading.often_size,
        (sums.stems & reading.central).bit_count() / reading.central_size,
        (sums.total - sums.stems.bit_count()) / (sums.total or 1),
    )

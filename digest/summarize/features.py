"""Describe a passage, and a set of passages, in the numbers that the learned model weighs."""

from __future__ import annotations

import re

from digest.summarize.fitness import Lean
from digest.summarize.passages import Passage, Reading

PASSAGE_FEATURES = (
    "late",
    "title",
    "title_early",
    "title_pairs",
    "central",
    "number",
    "quotation",
    "leans",
    "names",
    "capitals",
    "short",
    "first_person",
    "attributed",
)
SET_FEATURES = (
    "fill",
    "fill_squared",
    "count",
    "title_cover",
    "often_cover",
    "central_cover",
    "repeats",
)
EARLY = 3
"""Sentences at the beginning of a story whose likeness to the title says most."""

_DIGIT = re.compile(r"\d")
_QUOTE = re.compile(r"[\"“”„«»「]")
_FIRST_PERSON = re.compile(r"\b(?:I|we|We|my|our|us|me|you)\b")
_ATTRIBUTED = re.compile(
    r"\b(?:said|told|says|added|reported|reportedly|according|claimed|alleged|announced)\b"
)
_CAPITAL = re.compile(r"(?:^|\s)[\"“‘'(]*[A-ZÀ-ÖØ-Þ]")


def describe_passage(passage: Passage, reading: Reading) -> tuple[float, ...]:
    """Return the numbers of PASSAGE_FEATURES, each about 0 to 1."""
    text = passage.sentence.text
    place = passage.place
    size = passage.stems.bit_count() or 1
    title = (passage.stems & reading.title).bit_count() / reading.title_size
    return (
        place / len(reading.passages),
        title,
        title if place < EARLY else 0.0,
        min(passage.title_pairs, 4) / 4,
        (passage.stems & reading.central).bit_count() / size,
        1.0 if _DIGIT.search(text) else 0.0,
        1.0 if _QUOTE.search(text) else 0.0,
        1.0 if passage.lean is not Lean.NONE else 0.0,
        min(len(passage.names), 6) / 6,
        len(_CAPITAL.findall(text)) / (passage.words or 1),
        1.0 if passage.words < 9 else 0.0,
        1.0 if _FIRST_PERSON.search(text) else 0.0,
        1.0 if _ATTRIBUTED.search(text) else 0.0,
    )


def describe_set(reading: Reading, covered: int, total: int, fill: float, count: int) -> tuple[float, ...]:
    """Return the numbers of SET_FEATURES.

    `covered` are the stems of all passages of the set, `total` their stems counted passage by passage, `fill` the
    share of the limit it takes, `count` how many passages it has.
    """
    size = covered.bit_count()
    return (
        fill,
        fill * fill,
        count / 3,
        (covered & reading.title).bit_count() / reading.title_size,
        (covered & reading.often).bit_count() / reading.often_size,
        (covered & reading.central).bit_count() / reading.central_size,
        (total - size) / (total or 1),
    )

"""Describe a passage, and a set of passages, in the numbers that the learned model weighs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from digest.summarize.fitness import Lean
from digest.summarize.passages import Passage, Reading

PASSAGE_FEATURES = (
    "first",
    "second",
    "third",
    "early",
    "late",
    "title",
    "title_pairs",
    "central",
    "repeated",
    "number",
    "quotation",
    "question",
    "leans",
    "names",
    "short",
    "long",
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
    "adjacent",
)
_DIGIT = re.compile(r"\d")
_QUOTE = re.compile(r"[\"“”„«»「]")
_I = re.compile(r"\b(?:I|we|We|my|our|us|me|you)\b")
_SAID = re.compile(r"\b(?:said|told|says|added|reported|reportedly|according|claimed|alleged|announced)\b")


def describe_passage(passage: Passage, reading: Reading) -> tuple[float, ...]:
    """Return the numbers of PASSAGE_FEATURES, each about 0 to 1."""
    text = passage.sentence.text
    place = passage.place
    size = passage.stems.bit_count() or 1
    return (
        float(place == 0),
        float(place == 1),
        float(place == 2),
        1.0 / (1.0 + place),
        place / max(len(reading.passages), 1),
        (passage.stems & reading.title).bit_count() / max(reading.title_size, 1),
        min((passage.pairs & reading.title_pairs).bit_count(), 4) / 4,
        (passage.stems & reading.central).bit_count() / size,
        min((passage.pairs & reading.repeated).bit_count(), 10) / 10,
        float(_DIGIT.search(text) is not None),
        float(_QUOTE.search(text) is not None),
        float(text.endswith("?")),
        float(passage.lean is not Lean.NONE),
        min(len(passage.names), 6) / 6,
        float(passage.words < 9),
        float(passage.words > 34),
        float(_I.search(text) is not None),
        float(_SAID.search(text) is not None),
    )


def describe_set(chosen: Sequence[Passage], reading: Reading, *, limit: int) -> tuple[float, ...]:
    """Return the numbers of SET_FEATURES for passages in story order."""
    words = sum(passage.words for passage in chosen)
    covered, total = 0, 0
    for passage in chosen:
        covered |= passage.stems
        total += passage.stems.bit_count()
    return set_numbers(reading, covered, total, words / limit, len(chosen), _adjacent(chosen))


def set_numbers(
    reading: Reading, covered: int, total: int, fill: float, count: int, adjacent: int
) -> tuple[float, ...]:
    """Return the numbers of SET_FEATURES from what a set of passages adds up to."""
    return (
        fill,
        fill * fill,
        count / 3,
        (covered & reading.title).bit_count() / max(reading.title_size, 1),
        (covered & reading.often).bit_count() / max(reading.often.bit_count(), 1),
        (covered & reading.central).bit_count() / max(reading.central.bit_count(), 1),
        (total - covered.bit_count()) / max(total, 1),
        adjacent / 3,
    )


def _adjacent(chosen: Sequence[Passage]) -> int:
    return sum(after.place == before.place + 1 for before, after in pairwise(chosen))

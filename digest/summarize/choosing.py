"""Choose the passages of a blurb: every set that fits and reads well is weighed by a learned linear model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.summarize.features import PASSAGE_FEATURES, SET_FEATURES, describe_passage, set_numbers
from digest.summarize.fitness import Lean
from digest.summarize.passages import Passage, Reading

CANDIDATES = 12
MOST = 5
"""Passages that are weighed, and the most that a set holds: a few thousand sets at worst."""

_MODEL = Path(__file__).with_name("blurb_model.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The weights of PASSAGE_FEATURES (times a passage's share of the limit) and of SET_FEATURES."""

    passage: tuple[float, ...]
    whole: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a blurb may hold: words as `str.split` counts them, characters, sentences."""

    words: int
    characters: int
    sentences: int = MOST


@cache
def shipped_model() -> Model:
    """Return the model that ships with the package; `tests/bench/learn_blurbs.py` made it."""
    weights: Mapping[str, Mapping[str, float]] = json.loads(_MODEL.read_text(encoding="utf-8"))
    return Model(
        passage=tuple(weights["passage"][name] for name in PASSAGE_FEATURES),
        whole=tuple(weights["whole"][name] for name in SET_FEATURES),
    )


def choose_passages(
    reading: Reading, candidates: Sequence[Passage], limits: Limits, *, model: Model
) -> tuple[Passage, ...]:
    """Return the best set in story order; empty where none fits."""
    parts = _parts(reading, candidates, limits, model)
    narrowed = narrow(candidates, parts)
    best: tuple[float, tuple[Passage, ...]] = (float("-inf"), ())
    for chosen, covered, total, words, adjacent in sets_that_fit(reading, narrowed, limits):
        numbers = set_numbers(reading, covered, total, words / limits.words, len(chosen), adjacent)
        score = sum(parts[passage.place] for passage in chosen)
        score += sum(map(float.__mul__, model.whole, numbers))
        if score > best[0]:
            best = (score, chosen)
    return best[1]


def narrow(candidates: Sequence[Passage], parts: Mapping[int, float]) -> list[Passage]:
    """Keep the candidates worth weighing: the first five, and of the others the best."""
    if len(candidates) <= CANDIDATES:
        return list(candidates)
    others = sorted(candidates[5:], key=lambda passage: (-parts[passage.place], passage.place))
    return sorted([*candidates[:5], *others[: CANDIDATES - 5]], key=lambda passage: passage.place)


def sets_that_fit(
    reading: Reading, candidates: Sequence[Passage], limits: Limits
) -> Iterator[tuple[tuple[Passage, ...], int, int, int, int]]:
    """Give each set within the limits whose passages need nothing left out.

    With it come its stems, the sum of its passages' stems, its words and how many of it are neighbours.
    """
    stack: list[tuple[tuple[Passage, ...], int, int, int, int, int, int]] = [((), 0, 0, 0, 0, 0, 0)]
    while stack:
        chosen, at, covered, total, words, characters, adjacent = stack.pop()
        for index in range(len(candidates) - 1, at - 1, -1):
            passage = candidates[index]
            length = words + passage.words
            size = characters + len(passage.sentence.text) + 1
            if length > limits.words or size > limits.characters + 1:
                continue
            if passage.lean is not Lean.NONE and not is_supported(passage, chosen, reading):
                continue
            following = (*chosen, passage)
            neighbours = adjacent + bool(chosen and chosen[-1].place + 1 == passage.place)
            stems = covered | passage.stems
            count = total + passage.stems.bit_count()
            yield following, stems, count, length, neighbours
            if len(following) < limits.sentences:
                stack.append((following, index + 1, stems, count, length, size, neighbours))


def is_supported(passage: Passage, chosen: Sequence[Passage], reading: Reading) -> bool:
    """Say whether what a leaning passage points at is in the set before it.

    A connective needs the very sentence before. A pronoun needs the last one, and nobody new in between.
    """
    if not chosen:
        return False
    before = chosen[-1]
    if before.place + 1 == passage.place:
        return True
    if passage.lean is Lean.SENTENCE:
        return False
    named = frozenset().union(*(other.names for other in chosen))
    return all(between.names <= named for between in reading.passages[before.place + 1 : passage.place])


def _parts(reading: Reading, candidates: Sequence[Passage], limits: Limits, model: Model) -> dict[int, float]:
    return {
        passage.place: sum(map(float.__mul__, model.passage, describe_passage(passage, reading)))
        * passage.words
        / limits.words
        for passage in candidates
    }

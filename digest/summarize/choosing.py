"""Choose the passages of a blurb: every set that fits and reads well is weighed by a learned linear model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from typing import NamedTuple

from digest.summarize.features import PASSAGE_FEATURES, SET_FEATURES, Sums, describe_passage, describe_set
from digest.summarize.leaning import Lean
from digest.summarize.passages import Passage, Reading

CANDIDATES = 18
MOST = 3
"""Passages that are weighed, and the most of them whose every set is: about a thousand sets at worst."""

NOTHING = Sums(0, 0, 0, 0, 0, 0)

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
    sentences: int = 40


class Fitting(NamedTuple):
    """A set of passages that fits, in story order, and what it adds up to."""

    passages: tuple[Passage, ...]
    sums: Sums


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
    """Return the best set in story order; empty where none fits.

    Sets of up to MOST passages are all weighed, those that take half of the limit before others; the best of
    them then grows as long as that makes it better.
    """
    parts = score_passages(reading, candidates, limits, model=model)

    def score_of(fitting: Fitting) -> float:
        score = _product(model.whole, describe_set(reading, fitting.sums, limit=limits.words))
        for passage in fitting.passages:
            score += parts[passage.place]
        return score

    best, best_score, best_is_full = Fitting((), NOTHING), float("-inf"), False
    for fitting in sets_that_fit(reading, narrow(candidates, parts), limits):
        is_full = is_full_enough(fitting, limits)
        if best_is_full and not is_full:
            continue
        score = score_of(fitting)
        if score > best_score or is_full > best_is_full:
            best, best_score, best_is_full = fitting, score, is_full
    while len(best.passages) >= MOST:
        larger = max(_one_more(best, reading, candidates, limits), key=score_of, default=best)
        if larger is best or score_of(larger) <= best_score:
            break
        best, best_score = larger, score_of(larger)
    return best.passages


def score_passages(
    reading: Reading, candidates: Sequence[Passage], limits: Limits, *, model: Model
) -> dict[int, float]:
    """Return each candidate's part of a set's score, by its place: its worth times its share of the limit."""
    return {
        passage.place: _product(model.passage, describe_passage(passage, reading))
        * passage.words
        / limits.words
        for passage in candidates
    }


def is_full_enough(fitting: Fitting, limits: Limits) -> bool:
    """Say whether a set takes half of the limit; sets that do not are weighed where none does."""
    return 2 * fitting.sums.words >= limits.words


def narrow(candidates: Sequence[Passage], parts: Mapping[int, float]) -> list[Passage]:
    """Keep the candidates worth weighing: the first five, and of the others the best."""
    if len(candidates) <= CANDIDATES:
        return list(candidates)
    others = sorted(candidates[5:], key=lambda passage: (-parts[passage.place], passage.place))
    return sorted([*candidates[:5], *others[: CANDIDATES - 5]], key=lambda passage: passage.place)


def sets_that_fit(
    reading: Reading, candidates: Sequence[Passage], limits: Limits, *, may_lean: bool = False
) -> Iterator[Fitting]:
    """Give each set within the limits whose passages need nothing that is left out, unless they `may_lean`."""
    shortest = min((passage.words for passage in candidates), default=0)
    most = min(limits.sentences, MOST)
    stack = [(Fitting((), NOTHING), 0)] if most > 0 else []
    while stack:
        before, at = stack.pop()
        for index in range(at, len(candidates)):
            passage = candidates[index]
            sums = _plus(before.sums, passage, limits)
            if sums is None:
                continue
            leans = (passage.lean or passage.needs) and not may_lean
            if leans and not is_supported(passage, before.passages, reading):
                continue
            fitting = Fitting((*before.passages, passage), sums)
            yield fitting
            if sums.size < most and sums.words + shortest <= limits.words:
                stack.append((fitting, index + 1))


def _one_more(
    fitting: Fitting, reading: Reading, candidates: Sequence[Passage], limits: Limits
) -> Iterator[Fitting]:
    """Give each set that fits and has one passage more."""
    if len(fitting.passages) >= limits.sentences:
        return
    for passage in candidates:
        sums = _plus(fitting.sums, passage, limits)
        if sums is None or passage in fitting.passages:
            continue
        passages = tuple(sorted((*fitting.passages, passage), key=lambda one: one.place))
        if all(is_supported(one, passages[:at], reading) for at, one in enumerate(passages)):
            yield Fitting(passages, sums)


def _plus(sums: Sums, passage: Passage, limits: Limits) -> Sums | None:
    """Add a passage to what a set adds up to; None where it passes a limit."""
    size, words, characters, stems, pairs, total = sums
    words += passage.words
    characters += len(passage.sentence.text) + bool(size)
    if words > limits.words or characters > limits.characters:
        return None
    return Sums(
        size + 1,
        words,
        characters,
        stems | passage.stems,
        pairs | passage.title_pairs,
        total + passage.stems.bit_count(),
    )


def is_supported(passage: Passage, chosen: Sequence[Passage], reading: Reading) -> bool:
    """Say whether what a leaning passage points at is in the set before it.

    A connective needs the very sentence before. A pronoun needs the last one, and nobody new in between. Someone
    who speaks for themselves needs the sentence before, unless that is how the story starts.
    """
    if passage.needs:
        places = sum(1 << other.place for other in chosen)
        if not all(places & need for need in passage.needs):
            return False
    if passage.lean is Lean.NONE:
        return True
    if passage.lean is Lean.SPEAKER and reading.passages[0].lean is Lean.SPEAKER:
        return True
    if not chosen:
        return False
    before = chosen[-1]
    if before.place + 1 == passage.place:
        return True
    if passage.lean is not Lean.REFERENT:
        return False
    return all(
        between.names <= before.names for between in reading.passages[before.place + 1 : passage.place]
    )


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(mul, one, other))
    return total

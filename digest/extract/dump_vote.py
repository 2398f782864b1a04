"""Decide which lines of a dump are its story, by weights learned from labelled dumps.

Each line's measures are weighed into log-odds, twice: the second time with what the lines around it were held
to be. `tests/bench/learn_dumps.py` learned the weights in `dump_model.json`; each outlet's dumps were read with
weights learned from the others' before they were believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from digest.extract.dump_features import Features, measure_lines, measure_votes
from digest.extract.roles import Role, Ruled
from digest.extract.spoken_date import find_spoken_date

Weights = Mapping[str, float]

LEANING = 1.5
"""Added to the log-odds while the story's run is sought, so that what interrupts a story is bridged."""
ENOUGH = -0.5
"""Log-odds from which on a line within the run is part of the story."""
_MOST_WORDS = 60
_ENOUGH_WORDS = 60
_HEAD_LINES = 8
_HEAD_ABOVE = 12
_MOST_AGAINST = -4.0
_MOST_LINES = 6000
"""Lines beyond which the first reading stands: a page has some hundreds."""


def choose_lines(
    ruled: Sequence[Ruled], wording: Sequence[Role], *, start: int, end: int
) -> list[int] | None:
    """Return the positions of the story's lines; None where there are too many lines, or none is chosen.

    `wording` are the roles that the lines' wording gave, `ruled` those after the first reading, which took
    the story to be `[start, end)`.
    """
    if not end or len(ruled) > _MOST_LINES:
        return None
    first, second = load_model()["first"], load_model()["second"]
    measures = measure_lines(ruled, wording, start=start, end=end)
    votes = [weigh(features, first) for features in measures]
    around = measure_votes(votes, ruled)
    votes = [weigh(mine | others, second) for mine, others in zip(measures, around, strict=True)]
    return _first_story(ruled, wording, find_run(votes, [item.line.words for item in ruled])) or None


def _first_story(ruled: Sequence[Ruled], wording: Sequence[Role], chosen: Sequence[int]) -> list[int]:
    """Return the chosen lines up to where another story's byline and date stand, as this one's do above it."""
    if not chosen or not {Role.BYLINE, Role.DATE} <= set(
        wording[max(0, chosen[0] - _HEAD_ABOVE) : chosen[0]]
    ):
        return list(chosen)
    kept: list[int] = []
    words = 0
    for position in chosen:
        if words >= _ENOUGH_WORDS and _is_head(ruled, wording, kept[-1] + 1, position):
            while kept and not ruled[kept[-1]].line.ends_clause:
                kept.pop()
            break
        kept.append(position)
        words += ruled[position].line.words
    return kept


def _is_head(ruled: Sequence[Ruled], wording: Sequence[Role], start: int, end: int) -> bool:
    """Say whether a byline and a date with its year stand between two lines of a story."""
    roles = set(wording[start:end])
    if not {Role.BYLINE, Role.DATE} <= roles or end - start > _HEAD_LINES:
        return False
    dates = (ruled[at].line.text for at in range(start, end) if wording[at] is Role.DATE)
    return any(find_spoken_date(text) for text in dates)


def weigh(features: Features, weights: Weights) -> float:
    """Return the log-odds that a line is part of the story."""
    return sum(value * weights.get(name, 0.0) for name, value in features.items())


def find_run(votes: Sequence[float], words: Sequence[int]) -> list[int]:
    """Return the positions that are kept of the run of lines whose votes, by their words, sum highest (Kadane)."""
    best, best_run, total, start = 0.0, (0, 0), 0.0, 0
    for position, vote in enumerate(votes):
        length = min(max(words[position], 1), _MOST_WORDS)
        total += max(_MOST_AGAINST, (vote + LEANING) * length)
        if total <= 0:
            total, start = 0.0, position + 1
        elif total > best:
            best, best_run = total, (start, position + 1)
    return [position for position in range(*best_run) if votes[position] > ENOUGH]


@cache
def load_model() -> Mapping[str, Weights]:
    """Return the weights of the first and the second weighing."""
    text = files("digest.extract").joinpath("dump_model.json").read_text(encoding="utf-8")
    model: Mapping[str, Weights] = json.loads(text)
    return model

"""Measure choosing among thousands of stories: time, memory, growth; and how well events are found.

Beside ours stand the usual two: the Jaccard index of three-word shingles, and a MinHash of 128 permutations that
estimates it; each at the threshold that suits it best on these very stories.
"""

from __future__ import annotations

import math
import random
import resource
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import linear_regression

from digest.curate.duplicates import group_events
from digest.curate.entry import Wishes
from digest.curate.rank import choose
from digest.curate.tellings import make_telling
from digest.model import Candidate, Story, StoryId
from tests.curate.labelled import FILES, Labelled, count_pairs, pair_f1, read_labelled

LIMITS = {"seconds_for_10000": 20.0, "megabytes_for_10000": 500.0, "exponent": 1.15, "pair_f1_missing": 0.05}
SIZES = (1_000, 10_000, 50_000)
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
SYLLABLES = ("ka", "lo", "mi", "ren", "tus", "vo", "da", "pel", "sor", "ni", "bra", "che")
TELLINGS = 3
PERMUTATIONS = 128
PRIME = (1 << 61) - 1
THRESHOLDS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2)
Likeness = Callable[[int, int], float]


def measure() -> dict[str, float]:
    """Find the labelled events, beside the usual ways; choose among 1,000, 10,000 and 50,000 stories."""
    figures = {"pair_f1_missing": 1 - _f1_of_ours(FILES)}
    figures |= {f"pair_f1_missing_{name.removesuffix('.txt')}": 1 - _f1_of_ours([name]) for name in FILES}
    labelled = read_labelled()
    figures["pair_f1_missing_by_jaccard"] = 1 - _best_f1(labelled, _jaccard(labelled))
    figures["pair_f1_missing_by_minhash"] = 1 - _best_f1(labelled, _minhash(labelled))
    seconds = {}
    for size in SIZES:
        seconds[size] = figures[f"seconds_for_{size}"] = _seconds(size)
        figures[f"megabytes_for_{size}"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    logs = [math.log(size) for size in SIZES], [math.log(seconds[size]) for size in SIZES]
    figures["exponent"] = linear_regression(*logs).slope
    return figures


def make_candidates(count: int) -> list[Candidate]:
    """Make stories of invented words in threes that tell one event, the words as unequal as a language's."""
    dice = random.Random(1)
    vocabulary = ["".join(dice.choices(SYLLABLES, k=dice.choice((2, 3, 4)))) for _ in range(30_000)]
    shares = [1 / (rank + 3) for rank in range(len(vocabulary))]
    names = [word.capitalize() for word in dice.sample(vocabulary, 6_000)]
    made = []
    for event in range(count // TELLINGS):
        who, what = dice.choices(names, k=4), dice.choices(vocabulary[2_000:], k=25)
        for telling in range(TELLINGS):
            words = dice.choices(vocabulary, weights=shares, k=150)
            words[::2] = dice.choices(what, k=75)
            words[3::15] = dice.choices(who, k=10)
            story = Story(
                id=StoryId(f"{event}-{telling}"),
                source=f"source{telling}",
                site=f"Site {event % 40} {telling}",
                title=" ".join([who[0], *dice.sample(what, 4), who[1]]),
                text=" ".join(words) + ".",
                published_at=NOW - timedelta(minutes=dice.randrange(1200)),
            )
            made.append(Candidate(story=story, seen_at=NOW))
    return made


def _seconds(count: int) -> float:
    candidates = make_candidates(count)
    started = time.process_time()
    choose(candidates, wishes=Wishes(max_stories=12, max_age_hours=36), now=NOW)
    return time.process_time() - started


def _f1_of_ours(names: Sequence[str]) -> float:
    labelled = read_labelled(*names)
    groups = group_events([make_telling(one.title, one.text, one.moment) for one in labelled])
    return pair_f1(count_pairs(labelled, groups))


def _shingles(labelled: Sequence[Labelled]) -> list[frozenset[int]]:
    told = [f"{one.title} {one.text}".lower().split() for one in labelled]
    return [
        frozenset(
            zlib.crc32(" ".join(three).encode()) for three in zip(words, words[1:], words[2:], strict=False)
        )
        for words in told
    ]


def _jaccard(labelled: Sequence[Labelled]) -> Likeness:
    sets = _shingles(labelled)
    return lambda one, other: len(sets[one] & sets[other]) / len(sets[one] | sets[other])


def _minhash(labelled: Sequence[Labelled]) -> Likeness:
    dice = random.Random(1)
    factors = [(dice.randrange(1, PRIME), dice.randrange(PRIME)) for _ in range(PERMUTATIONS)]
    signatures = [
        [min((a * value + b) % PRIME for value in values) for a, b in factors]
        for values in _shingles(labelled)
    ]

    def alike(one: int, other: int) -> float:
        equal = sum(a == b for a, b in zip(signatures[one], signatures[other], strict=True))
        return equal / PERMUTATIONS

    return alike


def _best_f1(labelled: Sequence[Labelled], likeness: Likeness) -> float:
    """Return the pair F1 at the best threshold, pairs above it joined to events."""
    places = range(len(labelled))
    pairs = [(likeness(one, other), one, other) for one, other in combinations(places, 2)]
    best = 0.0
    for threshold in THRESHOLDS:
        event_of = list(places)
        for found, one, other in pairs:
            if found >= threshold and event_of[one] != event_of[other]:
                gone = event_of[other]
                event_of = [event_of[one] if event == gone else event for event in event_of]
        groups = [[place for place in places if event_of[place] == event] for event in set(event_of)]
        best = max(best, pair_f1(count_pairs(labelled, groups)))
    return best

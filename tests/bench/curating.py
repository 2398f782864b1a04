"""Measure choosing among thousands of stories: time, memory, growth, and how well events are found."""

from __future__ import annotations

import math
import random
import resource
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations

from digest.curate.rank import choose
from digest.model import Candidate, Story, StoryId
from tests.conftest import DATA
from tests.curate.test_duplicates import pair_counts, read_events

LIMITS = {"seconds_for_10000": 20.0, "megabytes": 500.0, "exponent": 1.15, "pair_f1_missing": 0.1}
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
SYLLABLES = ("ka", "lo", "mi", "ren", "tus", "vo", "da", "pel", "sor", "ni", "bra", "che")
TELLINGS = 3


def measure() -> dict[str, float]:
    """Choose among 1,000 and 10,000 stories; find the labelled events, beside plain shingles."""
    small, large = _seconds(1_000), _seconds(10_000)
    right, wrong, missed = pair_counts(read_events())
    return {
        "seconds_for_1000": small,
        "seconds_for_10000": large,
        "exponent": math.log(large / small) / math.log(10),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "pair_f1_missing": 1 - 2 * right / (2 * right + wrong + missed),
        "pair_f1_missing_by_shingles": 1 - _f1_of_shingles(),
    }


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
    choose(candidates, now=NOW, max_stories=12, max_age_hours=36, printed=(), sections=())
    return time.process_time() - started


def _f1_of_shingles(threshold: float = 0.1) -> float:
    """Return the pair F1 of plain three-word shingles at the threshold that suits them."""
    told = []
    for event, block in enumerate(
        (DATA / "curate/events.txt").read_text(encoding="utf-8").strip().split("\n\n")
    ):
        for line in block.split("\n"):
            kind, _, text = line.split(" ", 2)
            words = text.lower().split()
            told.append((event, kind, set(zip(words, words[1:], words[2:], strict=False))))
    right = wrong = missed = 0
    for one, other in combinations(told, 2):
        is_same = one[0] == other[0] and one[1] == other[1] == "A"
        is_joined = len(one[2] & other[2]) >= threshold * len(one[2] | other[2])
        right += is_same and is_joined
        wrong += is_joined and not is_same
        missed += is_same and not is_joined
    return 2 * right / (2 * right + wrong + missed)

"""Weigh how alike two tellings are: what they share of words, names, numbers and days, and what speaks against.

Shares tell, not sums: what long texts have in common by chance grows with their length.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.curate.tellings import Telling, resemblance

MODEL = Path(__file__).with_name("event_model.json")
"""The weights, learned by tests/bench/learn_events.py on the labelled tellings under tests/data/curate."""

FEATURES = (
    "title", "title in text", "lead", "head", "names", "names of both", "action", "names and action",
    "other names", "other places", "other places, same head", "meanings", "other meanings", "numbers",
    "other numbers", "other numbers, same action", "day", "other day", "after 6 hours", "after 16 hours",
    "weight of names",
)  # fmt: skip

UNLIKE = -6.0
"""What counts for tellings that share next to nothing, and the least that counts for any."""

LEAST_SHARED = 2
REPRINTED, REPRINT = 0.4, 12.0
"""A story that shares more of its shingles than REPRINTED is the same one whatever its headline. Not learned: short
tellings cannot teach it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learned: a weight for each feature and a bias; then what a third telling says of a pair."""

    weights: tuple[float, ...]
    bias: float
    own: float
    support: float
    conflict: float


@cache
def model() -> Model:
    """Return the model that ships."""
    told = json.loads(MODEL.read_text(encoding="utf-8"))
    return Model(**(told | {"weights": tuple(told["weights"][name] for name in FEATURES)}))


class Rarity:
    """How much a stem tells, from how many of the stories have it; and which stems are names in them."""

    def __init__(self, tellings: Sequence[Telling]) -> None:
        counts: Counter[str] = Counter()
        names: Counter[str] = Counter()
        plain: Counter[str] = Counter()
        for telling in tellings:
            counts.update(telling.lead)
            names.update(telling.names)
            plain.update(telling.plain)
        self.names = frozenset(name for name, count in names.items() if count > plain[name])
        self._weights = {stem: self._weight(count, len(tellings)) for stem, count in counts.items()}
        self.most = self._weight(1, len(tellings))

    @staticmethod
    def _weight(count: int, stories: int) -> float:
        # As if sixty more stories were there, so that a handful of stories has no common words.
        return max(0.0, math.log((stories + 60) / (count + 2)))

    def of(self, stem: str) -> float:
        """Return the weight of a stem, at least 0."""
        return self._weights.get(stem, self.most)

    def total(self, stems: Iterable[str]) -> float:
        """Return the weight of a set of stems."""
        return sum(map(self.of, stems))


class Profile:
    """A telling among the others: its sets of stems with their weights."""

    __slots__ = ("action", "head", "lead", "meanings", "names", "places", "telling", "title", "title_names")

    def __init__(self, telling: Telling, rarity: Rarity) -> None:
        names = telling.lead & rarity.names
        self.telling = telling
        self.title = _weighed(telling.title, rarity)
        self.lead = _weighed(telling.lead, rarity)
        self.head = _weighed(telling.head, rarity)
        self.names = _weighed(names, rarity)
        self.action = _weighed(telling.lead - names, rarity)
        self.meanings = _weighed(frozenset(s for s in telling.head if s.startswith("=")), rarity)
        self.title_names = names & telling.title
        self.places = telling.places & rarity.names


Weighed = tuple[frozenset[str], float]


def _weighed(stems: frozenset[str], rarity: Rarity) -> Weighed:
    return stems, rarity.total(stems)


def evidence(one: Profile, other: Profile, rarity: Rarity) -> float:
    """Return the logarithm of the odds that two tellings are of one event, as far as they alone can say."""
    if not _can_be_same(one.telling, other.telling):
        return UNLIKE
    learned = model()
    features = describe(one, other, rarity)
    found = learned.bias + sum(w * value for w, value in zip(learned.weights, features, strict=True))
    reprint = resemblance(one.telling, other.telling) - REPRINTED
    return found + REPRINT * reprint if reprint > 0 else found


def _can_be_same(one: Telling, other: Telling) -> bool:
    """Refuse tellings that share next to nothing, and the numbered parts of a series."""
    if one.title != other.title and all(stem.isdigit() for stem in one.title ^ other.title):
        return False
    return len(one.lead & other.lead) >= LEAST_SHARED


def describe(one: Profile, other: Profile, rarity: Rarity) -> list[float]:
    """Return the features of two tellings in the order of FEATURES, each from 0 to about 3."""
    a, b, most = one.telling, other.telling, rarity.most
    names = rarity.total(one.names[0] & other.names[0])
    action = rarity.total(one.action[0] & other.action[0])
    lead = rarity.total(a.lead & b.lead)
    head = _of_smaller(rarity.total(a.head & b.head), one.head, other.head, most)
    names_of_both, action_of_both = (
        _of_both(names, one.names, other.names),
        _of_both(action, one.action, other.action),
    )
    action_share = _of_smaller(action, one.action, other.action, most)
    new, other_new = (one.names[0] & a.head) - b.lead, (other.names[0] & b.head) - a.lead
    other_places = _other_places(one, other)
    numbers, other_numbers = _numbers(a, b)
    hours = abs((a.moment - b.moment).total_seconds()) / 3600
    title_in, other_title_in = rarity.total(a.title & b.lead), rarity.total(b.title & a.lead)
    return [
        _of_smaller(rarity.total(a.title & b.title), one.title, other.title, most),
        math.sqrt(title_in / max(most, one.title[1]) * other_title_in / max(most, other.title[1])),
        _of_both(lead, one.lead, other.lead),
        head,
        _of_smaller(names, one.names, other.names, most),
        names_of_both,
        action_share,
        math.sqrt(names_of_both * action_of_both),
        min(min(rarity.total(new), rarity.total(other_new)) / most, 3.0),
        other_places,
        other_places * head,
        _of_smaller(rarity.total(one.meanings[0] & other.meanings[0]), one.meanings, other.meanings, most),
        _other_meanings(one.meanings[0], other.meanings[0]),
        numbers,
        other_numbers,
        other_numbers * action_share,
        *_days(a.days, b.days),
        min(max(hours - 6, 0.0), 40.0) / 24,
        min(max(hours - 16, 0.0), 40.0) / 24,
        min(names / most, 4.0) / 2,
    ]


def _of_smaller(shared: float, one: Weighed, other: Weighed, most: float) -> float:
    return shared / max(most, min(one[1], other[1]))


def _of_both(shared: float, one: Weighed, other: Weighed) -> float:
    whole = one[1] + other[1]
    return 2 * shared / whole if whole else 0.0


def _other_places(one: Profile, other: Profile) -> float:
    """Count, up to 3, where each names what the other does not know: places, names of title and of beginning."""
    a, b = one.telling, other.telling
    pairs = (
        (one.places, other.places),
        (one.title_names, other.title_names),
        (one.names[0] & a.head, other.names[0] & b.head),
    )
    return float(sum(bool(x and y) and not x & b.lead and not y & a.lead for x, y in pairs))


def _other_meanings(one: frozenset[str], other: frozenset[str]) -> float:
    return 0.0 if one & other else min(len(one), len(other), 3) / 3


def _numbers(one: Telling, other: Telling) -> tuple[float, float]:
    least = min(len(one.numbers), len(other.numbers))
    if not least:
        return 0.0, 0.0
    shared = len(one.numbers & other.numbers)
    return shared / least, 0.0 if shared else min(least, 3) / 3


def _days(one: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    if not one or not other:
        return 0.0, 0.0
    if one[0] == other[0]:
        return 1.0, 0.0
    return 0.0, 0.3 if set(one) & set(other) else 1.0

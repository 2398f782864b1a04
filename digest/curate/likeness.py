"""Weigh how alike two tellings are: what they share of words, names, numbers and days, and what speaks against.

A teaser shares with a long story what it has to share: what counts is how much the rare words in common tell, not
which part of the longer text they are.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path

from digest.curate.figures import all_steps, shared, weight_of
from digest.curate.tellings import Telling, resemblance

MODEL = Path(__file__).with_name("event_model.json")
BACKGROUND = Path(__file__).with_name("background.txt")
"""The weights, and how many stories of a thousand have a stem: learned by tests/bench/learn_events.py."""

FEATURES = (
    "rarest name", "action", "title", "names in titles", "other names in titles", "leads",
    "topics", "same topic", "other topics", "number", "other number", "day", "other day", "after 6 hours",
    "title in text", "head", "names and action", "other places",
)  # fmt: skip
LEARNED = FEATURES[:14]
"""What tells of two tellings; what else is described is for comparing with what has run."""

UNLIKE = -2.5
"""What counts for tellings that share next to nothing, and the least that counts for any."""

LEAN = 0.2
"""How far a pair is believed beforehand: tellings of one event are missed more easily than others are joined."""

LEAST_SHARED = 2
REPRINTED, REPRINT = 0.4, 12.0
"""A story that shares more of its shingles than REPRINTED is the same one whatever its headline. Not learned: short
tellings cannot teach it.
"""

STORIES_BEHIND = 300
LIKELY_TELLINGS = 4
RAREST, COMMON = 6.5, 1.0
KNOWN_PLAIN = 3
"""The background counts as so many stories. A stem tells no less where LIKELY_TELLINGS have it, since they may be of
one event, and most where one story in exp(RAREST) has it. A word of the background is written plain so often.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learned: a weight for each feature, and a bias."""

    weights: tuple[float, ...]
    bias: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """How common stems are in the news: the share of stories that have one; and which of them are names."""

    shares: Mapping[str, float]
    names: frozenset[str]


@cache
def model() -> Model:
    """Return the model that ships."""
    told = json.loads(MODEL.read_text(encoding="utf-8"))
    return Model(weights=tuple(told["weights"][name] for name in LEARNED), bias=told["bias"])


@cache
def background() -> Background:
    """Return the background that ships: lines of a number of stories in a thousand and stems, names with a caret."""
    shares: dict[str, float] = {}
    names = set()
    for line in BACKGROUND.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            count, *stems = line.split()
            for written in stems:
                stem = written.removeprefix("^")
                shares[stem] = int(count) / 1000
                if stem != written:
                    names.add(stem)
    return Background(shares=shares, names=frozenset(names))


class _Known(dict[str, float]):
    """Values by stem, worked out when first asked for."""

    def __init__(self, work_out: Callable[[str], float]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, stem: str) -> float:
        value = self[stem] = self._work_out(stem)
        return value


class Rarity:
    """How much a stem tells, from 0 to 1, by how many stories have it; and which stems are names in them.

    `of` gives the weight of a stem. The words of a name share its weight.
    """

    most = 1.0

    def __init__(self, tellings: Sequence[Telling]) -> None:
        self._counts: Counter[str] = Counter()
        names: Counter[str] = Counter()
        plain: Counter[str] = Counter()
        more: dict[str, float] = {}
        for telling in tellings:
            self._counts.update(telling.full)
            names.update(telling.names)
            plain.update(telling.plain)
            for stem, length in telling.name_lengths.items():
                more[stem] = more.get(stem, 0.0) + length - 1
        known = background()
        self._shares = known.shares
        self.names = frozenset(
            stem
            for stem, count in names.items()
            if not stem.startswith("=")
            and count > plain[stem] + KNOWN_PLAIN * (stem in known.shares and stem not in known.names)
        )
        self._lengths = {stem: 1 + longer / names[stem] for stem, longer in more.items()}
        self._stories = len(tellings)
        self.of = _Known(self._weigh).__getitem__

    def total(self, stems: Iterable[str]) -> float:
        """Return the weight of a set of stems."""
        return sum(map(self.of, stems))

    def _weigh(self, stem: str) -> float:
        share, found = self._shares.get(stem, 0.0), self._counts[stem]
        count = max(found - LIKELY_TELLINGS, min(found, share * self._stories)) + share * STORIES_BEHIND
        told = -math.log(max(count / (self._stories + STORIES_BEHIND), math.exp(-RAREST)))
        weight = max(0.0, told - COMMON) / (RAREST - COMMON)
        return weight / math.sqrt(self._lengths.get(stem, 1.0)) if stem in self.names else weight


class Profile:
    """A telling among the others: which of its stems are names, and what its parts weigh."""

    __slots__ = ("lead_norm", "names", "steps", "telling", "title_names", "title_weight", "topic_norm")

    def __init__(self, telling: Telling, rarity: Rarity) -> None:
        self.telling = telling
        self.names = telling.full & rarity.names
        self.title_names = self.names & telling.title
        self.title_weight = rarity.total(telling.title)
        self.lead_norm = math.sqrt(sum(rarity.of(stem) ** 2 for stem in telling.lead))
        self.topic_norm = math.sqrt(sum(weight**2 for weight in telling.topics.values()))
        self.steps = all_steps(telling.numbers)


def evidence(one: Profile, other: Profile, rarity: Rarity) -> float:
    """Return the logarithm of the odds that two tellings are of one event, as far as they alone can say."""
    if not can_be_same(one.telling, other.telling):
        return UNLIKE
    learned = model()
    found: float = LEAN + learned.bias
    found += sum(map(mul, learned.weights, _tell(one, other, rarity)))
    reprint = resemblance(one.telling, other.telling) - REPRINTED
    return found + REPRINT * reprint if reprint > 0 else found


def describe(one: Profile, other: Profile, rarity: Rarity) -> list[float]:
    """Return the features of two tellings in the order of FEATURES, each from 0 to about 3."""
    return [*_tell(one, other, rarity), *_ratios(one, other, rarity)]


def can_be_same(one: Telling, other: Telling) -> bool:
    """Refuse tellings that share next to nothing, and the numbered parts of a series."""
    if one.title != other.title and all(stem.isdigit() for stem in one.title ^ other.title):
        return False
    return len(one.head & other.full) >= LEAST_SHARED or len(other.head & one.full) >= LEAST_SHARED


def _tell(one: Profile, other: Profile, rarity: Rarity) -> list[float]:
    a, b = one.telling, other.telling
    in_head = (a.head & b.full) | (b.head & a.full)
    acted = sorted(map(rarity.of, in_head - one.names - other.names))[-3:]
    norms = one.lead_norm * other.lead_norm
    strangers = bool(one.title_names and other.title_names) and not one.title_names & b.full
    hours = abs((a.moment - b.moment).total_seconds()) / 3600
    return [
        max(map(rarity.of, in_head & one.names & other.names), default=0.0),
        sum(acted) / 3,
        max(
            rarity.total(a.title & b.full) / max(1.0, one.title_weight),
            rarity.total(b.title & a.full) / max(1.0, other.title_weight),
        ),
        min(rarity.total(one.title_names & other.title_names), 2.0) / 2,
        float(strangers and not other.title_names & a.full),
        sum([weight * weight for weight in map(rarity.of, a.lead & b.lead)]) / norms if norms else 0.0,
        *_topics(one, other),
        *_numbers(one, other),
        *_days(a.days, b.days),
        min(max(hours - 6, 0.0), 24.0) / 48,
    ]


def _topics(one: Profile, other: Profile) -> tuple[float, float, float]:
    """Return how alike the topics are, whether the foremost is the same, and how far there are others instead."""
    a, b = one.telling.topics, other.telling.topics
    norms = one.topic_norm * other.topic_norm
    if not norms:
        return 0.0, 0.0, 0.0
    alike = sum(weight * b.get(topic, 0.0) for topic, weight in a.items()) / norms
    is_same = max(a, key=lambda topic: a[topic]) == max(b, key=lambda topic: b[topic])
    return alike, float(is_same), (1 - alike) * min(sum(a.values()), sum(b.values()), 3.0) / 3


def _numbers(one: Profile, other: Profile) -> tuple[float, float]:
    """Return how much a number in common tells, or those of the heads do where none is."""
    a, b = one.telling, other.telling
    best = max(map(weight_of, shared(a.numbers, b.numbers, other.steps)), default=0.0)
    if best >= 0.5 or not a.told_numbers or not b.told_numbers:
        return best, 0.0
    return best, min(max(map(weight_of, a.told_numbers)), max(map(weight_of, b.told_numbers)))


def _days(one: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    if not one or not other:
        return 0.0, 0.0
    if one[0] == other[0]:
        return 1.0, 0.0
    return 0.0, 0.3 if set(one) & set(other) else 1.0


def _ratios(one: Profile, other: Profile, rarity: Rarity) -> tuple[float, ...]:
    """Return shares of what the two begin with, which do not depend on when they are told."""
    a, b = one.telling, other.telling
    title, other_title = rarity.total(a.title & b.lead), rarity.total(b.title & a.lead)
    title /= max(1.0, one.title_weight)
    other_title /= max(1.0, other.title_weight)
    head = rarity.total(a.head & b.head) / max(1.0, min(rarity.total(a.head), rarity.total(b.head)))
    names = _of_both(one.names & a.lead, other.names & b.lead, rarity)
    action = _of_both(a.lead - one.names, b.lead - other.names, rarity)
    pairs = (
        (one.title_names, other.title_names),
        (one.names & a.head, other.names & b.head),
    )
    places = sum(bool(x and y) and not x & b.lead and not y & a.lead for x, y in pairs)
    return math.sqrt(title * other_title), head, math.sqrt(names * action), float(places)


def _of_both(one: frozenset[str], other: frozenset[str], rarity: Rarity) -> float:
    whole = rarity.total(one) + rarity.total(other)
    return 2 * rarity.total(one & other) / whole if whole else 0.0

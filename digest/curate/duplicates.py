"""Find the stories of one event, however many outlets tell it.

Each story is compared only with those that share most with it of what tells (pairs of telling words, shingles),
so that the work grows with the stories and not with their pairs. What two tellings share says how likely they
are of one event (`likeness`); then so does every third one: a telling that is like both supports the pair, one that
is like the first alone speaks against it. Pairs are joined likeliest first, each joining two events only where these
as wholes are alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from digest.curate.likeness import UNLIKE, Model, Profile, Rarity, evidence, model
from digest.curate.tellings import Telling

TELLING_WORDS = 10
STORIES_A_KEY = 24
COMPARED = 12
WITNESSES = 6
MEMBERS_COMPARED = 5
"""Words whose pairs are keys; how many stories a key holds, the latest ones; with how many stories one is
compared; how many others speak on a pair; and how many members stand for an event.
"""

WHOLE = 0.6
"""What the likeness of two events' members on average counts for beside that of their likest two."""

LEAN = 1.0
"""How far a pair is believed beforehand: tellings of one event are missed more easily than others are joined."""

MOST = 6.0
PLAUSIBLE = -4.0
"""A pair counts for no more than MOST; one that is less likely than PLAUSIBLE is not looked at twice."""


def same_event(one: Telling, other: Telling, rarity: Rarity) -> bool:
    """Say whether two tellings are of one event."""
    return evidence(Profile(one, rarity), Profile(other, rarity), rarity) > 0


def group_events(tellings: Sequence[Telling]) -> list[list[int]]:
    """Group the tellings by event; return their places, groups and members in order of time."""

    def by_time(place: int) -> tuple[object, int]:
        return tellings[place].moment, place

    order = sorted(range(len(tellings)), key=by_time)
    pairs = Pairs(tellings, order)
    groups = _join(pairs, len(tellings))
    return sorted((sorted(group, key=by_time) for group in groups), key=lambda group: by_time(group[0]))


class Pairs:
    """The pairs of tellings that may be of one event, and how likely they are."""

    def __init__(self, tellings: Sequence[Telling], order: Sequence[int]) -> None:
        self._rarity = Rarity(tellings)
        self._profiles = [Profile(telling, self._rarity) for telling in tellings]
        self._known: dict[tuple[int, int], float] = {}
        self._like: list[dict[int, float]] = [{} for _ in tellings]
        for place, other in self._candidates(tellings, order):
            found = self.likeness(place, other)
            if found > PLAUSIBLE:
                self._like[place][other] = self._like[other][place] = found
        self._witnesses = [
            [place for place, _ in sorted(like.items(), key=lambda entry: (-entry[1], entry[0]))[:WITNESSES]]
            for like in self._like
        ]

    def likeness(self, one: int, other: int) -> float:
        """Return the evidence that two tellings are of one event, from what they say."""
        key = (one, other) if one < other else (other, one)
        known = self._known.get(key)
        if known is None:
            found = evidence(self._profiles[key[0]], self._profiles[key[1]], self._rarity)
            known = self._known[key] = max(UNLIKE, min(MOST, found))
        return known

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Give the plausible pairs."""
        for one, like in enumerate(self._like):
            for other in like:
                if one < other:
                    yield one, other

    def witnessed(self, one: int, other: int) -> tuple[float, float, float]:
        """Return a pair's likeness, how much other tellings support it and how much they speak against it."""
        support = conflict = 0.0
        first, second = self._witnesses[one], self._witnesses[other]
        for third in {*first, *second} - {one, other}:
            with_one, with_other = _chance(self.likeness(one, third)), _chance(self.likeness(other, third))
            support += with_one * with_other
            conflict += with_one * (1 - with_other) + with_other * (1 - with_one)
        return self.likeness(one, other), min(support, 2.0), min(conflict, 2.0)

    def weigh(self, one: int, other: int, learned: Model) -> float:
        """Return the evidence for a pair after its witnesses were heard."""
        likeness, support, conflict = self.witnessed(one, other)
        return LEAN + learned.own * likeness + learned.support * support + learned.conflict * conflict

    def _candidates(self, tellings: Sequence[Telling], order: Sequence[int]) -> Iterator[tuple[int, int]]:
        numbers: dict[str, int] = {}
        holders: dict[int, list[int]] = {}
        for place in order:
            keys = _keys(tellings[place], self._rarity, numbers)
            shared = Counter(other for key in keys for other in holders.get(key, ()))
            likely = sorted(shared.items(), key=lambda entry: (-entry[1], -entry[0]))[:COMPARED]
            yield from ((place, other) for other, _ in likely)
            for key in keys:
                held = holders.setdefault(key, [])
                held.append(place)
                if len(held) > STORIES_A_KEY:
                    del held[0]


def _keys(telling: Telling, rarity: Rarity, numbers: dict[str, int]) -> list[int]:
    """Return numbers that stand for the pairs of the telling words, and for shingles."""

    def by_rarity(stems: frozenset[str]) -> list[str]:
        return sorted(stems, key=lambda stem: (-rarity.of(stem), stem))

    named = telling.title | (telling.lead & rarity.names)
    words = [*by_rarity(named)[:TELLING_WORDS], *by_rarity(telling.lead - named)][:TELLING_WORDS]
    known = sorted(numbers.setdefault(word, len(numbers)) for word in words)
    return [(one << 32) + other for one, other in combinations(known, 2)] + [
        -1 - value for value in telling.sketch[:4]
    ]


def _join(pairs: Pairs, count: int) -> list[list[int]]:
    """Join pairs into events, the likeliest first."""
    learned = model()
    weights = {pair: pairs.weigh(*pair, learned) for pair in pairs.pairs()}
    events = {place: [place] for place in range(count)}
    event_of = list(range(count))
    for one, other in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if weights[one, other] <= 0:
            break
        first, second = event_of[one], event_of[other]
        if first != second and _are_one(pairs, events[first], events[second], weights, (one, other)):
            for place in events[second]:
                event_of[place] = first
            events[first] += events.pop(second)
    return list(events.values())


def _are_one(
    pairs: Pairs,
    one: Sequence[int],
    other: Sequence[int],
    weights: Mapping[tuple[int, int], float],
    best: tuple[int, int],
) -> bool:
    """Say whether two events are one, from their likest two members and from all on average."""
    if len(one) == len(other) == 1:
        return True
    likenesses = [pairs.likeness(a, b) for a in one[:MEMBERS_COMPARED] for b in other[:MEMBERS_COMPARED]]
    return (1 - WHOLE) * weights[best] + WHOLE * sum(likenesses) / len(likenesses) > 0


def _chance(evidence: float) -> float:
    return 1 / (1 + math.exp(-evidence))

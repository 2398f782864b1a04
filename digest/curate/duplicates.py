"""Find the stories of one event, however many outlets tell it.

Each story is compared only with those that share most with it of what tells (pairs of telling words, the rarest
alone, shingles), so that the work grows with the stories and not with their pairs; among a few, each with each. What
two tellings share says how likely they are of one event (`likeness`). Pairs are joined likeliest first, each joining
two events only where these as wholes are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from digest.curate.likeness import UNLIKE, Profile, Rarity, evidence
from digest.curate.tellings import Telling

FEW = 150
TELLING_WORDS = 10
RAREST_WORDS = 8
STORIES_A_KEY = 24
COMPARED = 10
MEMBERS_COMPARED = 5
"""So many stories are compared each with each. Words whose pairs are keys, and those that are keys alone; how many
stories a key holds, the latest ones; with how many stories one is compared; and how many members stand for an event.
"""

WHOLE = 0.7
MOST = 4.0
"""What the likeness of two events' members on average counts for beside that of their likest two; and how much a pair
counts for at most.
"""


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
        self.candidates = sorted(
            combinations(range(len(tellings)), 2)
            if len(tellings) <= FEW
            else {(min(pair), max(pair)) for pair in self._candidates(tellings, order)}
        )

    def likeness(self, one: int, other: int) -> float:
        """Return the evidence that two tellings are of one event, from what they say."""
        key = (one, other) if one < other else (other, one)
        known = self._known.get(key)
        if known is None:
            found = evidence(self._profiles[key[0]], self._profiles[key[1]], self._rarity)
            known = self._known[key] = max(UNLIKE, min(MOST, found))
        return known

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
    """Return numbers that stand for the pairs of the telling words, for the rarest alone, and for shingles."""

    def by_rarity(stems: frozenset[str]) -> list[str]:
        return sorted(stems, key=lambda stem: (-rarity.of(stem), stem))

    named = telling.title | (telling.head & rarity.names)
    words = [*by_rarity(named)[:TELLING_WORDS], *by_rarity(telling.head - named)][:TELLING_WORDS]
    known = [numbers.setdefault(word, len(numbers) + 1) for word in words]
    pairs = [(one << 32) + other for one, other in combinations(sorted(known), 2)]
    return [*pairs, *known[:RAREST_WORDS], *(-1 - value for value in telling.sketch[:4])]


def _join(pairs: Pairs, count: int) -> list[list[int]]:
    """Join pairs into events, the likeliest first."""
    likely = sorted((-pairs.likeness(*pair), pair) for pair in pairs.candidates)
    events = {place: [place] for place in range(count)}
    event_of = list(range(count))
    for weight, (one, other) in likely:
        if weight >= 0:
            break
        first, second = event_of[one], event_of[other]
        if first != second and _are_one(pairs, events[first], events[second], -weight):
            for place in events[second]:
                event_of[place] = first
            events[first] += events.pop(second)
    return list(events.values())


def _are_one(pairs: Pairs, one: Sequence[int], other: Sequence[int], best: float) -> bool:
    """Say whether two events are one, from their likest two members and from all on average."""
    likenesses = [pairs.likeness(a, b) for a in one[:MEMBERS_COMPARED] for b in other[:MEMBERS_COMPARED]]
    return (1 - WHOLE) * best + WHOLE * sum(likenesses) / len(likenesses) > 0

"""Find the stories of one event, however many outlets tell it.

Each story is compared only with the events that share a pair of its telling words (title words and names) or
a shingle with it, so that the work grows with the stories and not with their pairs. Whether two tellings are
of one event is then a sum of what they share: words, names, what happened, figures, wording, time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from digest.curate.tellings import Telling, resemblance

TELLING_WORDS = 10
EVENTS_A_KEY = 24
COMPARED = 12
"""Words whose pairs are keys; how many recent events a key holds; and with how many a story is compared."""

THRESHOLD = 0.5
BIAS = -4.6
WEIGHTS: Mapping[str, float] = {
    "title": 3.2,
    "lead": 5.0,
    "names": 1.6,
    "action": 4.0,
    "numbers": 0.8,
    "wording": 6.0,
    "days": -0.9,
}


class Rarity:
    """How much a stem tells, from how many of the stories have it."""

    def __init__(self, tellings: Sequence[Telling]) -> None:
        self._counts: Counter[str] = Counter()
        for telling in tellings:
            self._counts.update(telling.lead)
        self._stories = len(tellings)

    def of(self, stem: str) -> float:
        """Return the weight of a stem, at least 0."""
        return max(0.0, math.log((self._stories + 60) / (self._counts[stem] + 2)))

    def total(self, stems: frozenset[str]) -> float:
        """Return the weight of a set of stems."""
        return sum(map(self.of, stems))


def compare(one: Telling, other: Telling, rarity: Rarity) -> dict[str, float]:
    """Return what two tellings share, each part from 0 to 1 except `days`, which lie between them."""
    return {
        "title": _share(one.title, other.title, rarity, least=True),
        "lead": _share(one.lead, other.lead, rarity),
        "names": _share(one.names, other.names, rarity),
        "action": _share(one.lead - one.names, other.lead - other.names, rarity),
        "numbers": _numbers(one, other),
        "wording": resemblance(one, other),
        "days": min(abs((one.moment - other.moment).total_seconds()) / 86400, 4.0),
    }


def likeness(one: Telling, other: Telling, rarity: Rarity) -> float:
    """Return how likely two tellings are of one event, 0 to 1."""
    parts = compare(one, other, rarity)
    total = BIAS + sum(WEIGHTS[name] * value for name, value in parts.items())
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def same_event(one: Telling, other: Telling, rarity: Rarity) -> bool:
    """Say whether two tellings are of one event."""
    return likeness(one, other, rarity) >= THRESHOLD


def group_events(tellings: Sequence[Telling]) -> list[list[int]]:
    """Group the tellings by event; return their places, groups and members in order of time.

    A telling joins the event whose first or latest telling is most like it.
    """
    rarity = Rarity(tellings)
    order = sorted(range(len(tellings)), key=lambda place: (tellings[place].moment, place))
    groups: list[list[int]] = []
    events_of_key: dict[object, list[int]] = {}
    for place in order:
        telling = tellings[place]
        keys = _keys(telling, rarity)
        shared = Counter(event for key in keys for event in events_of_key.get(key, ()))
        event = _best_event(telling, shared, groups, tellings, rarity)
        if event is None:
            event = len(groups)
            groups.append([])
        groups[event].append(place)
        for key in keys:
            events = events_of_key.setdefault(key, [])
            if event not in events:
                events.append(event)
                if len(events) > EVENTS_A_KEY:
                    del events[0]
    return groups


def _best_event(
    telling: Telling,
    shared: Counter[int],
    groups: list[list[int]],
    tellings: Sequence[Telling],
    rarity: Rarity,
) -> int | None:
    best: tuple[float, int] | None = None
    for event, _ in sorted(shared.items(), key=lambda entry: (-entry[1], entry[0]))[:COMPARED]:
        members = {groups[event][0], groups[event][-1]}
        like = max(likeness(telling, tellings[member], rarity) for member in members)
        if like >= THRESHOLD and (best is None or like > best[0]):
            best = (like, event)
    return None if best is None else best[1]


def _keys(telling: Telling, rarity: Rarity) -> list[object]:
    words = sorted(telling.title | telling.names, key=lambda stem: (-rarity.of(stem), stem))[:TELLING_WORDS]
    return [*combinations(sorted(words), 2), *telling.sketch[:4]]


def _share(one: frozenset[str], other: frozenset[str], rarity: Rarity, *, least: bool = False) -> float:
    """Return the weight two sets have in common: of the smaller one, or of both on average."""
    if not one or not other:
        return 0.0
    common = rarity.total(one & other)
    first, second = rarity.total(one), rarity.total(other)
    whole = min(first, second) if least else (first + second) / 2
    return common / whole if whole else 0.0


def _numbers(one: Telling, other: Telling) -> float:
    if not one.numbers or not other.numbers:
        return 0.0
    return len(one.numbers & other.numbers) / min(len(one.numbers), len(other.numbers))

"""Find the stories of one event, however many outlets tell it.

Each story is compared only with the events that share a pair of its telling words (title words and names) or
a shingle with it, so that the work grows with the stories and not with their pairs. Whether two tellings are
of one event is then a sum of what they share: words, names, what happened, figures, wording, time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from digest.curate.tellings import Telling, resemblance

TELLING_WORDS = 10
EVENTS_A_KEY = 24
COMPARED = 12
MEMBERS_COMPARED = 6
LEAST_SHARED = 3
LEAST_LEAD = 0.1
"""Words whose pairs are keys; how many recent events a key holds; and with how many events,
and members of each, a story is compared. Tellings with fewer stems or a smaller share of the lead in common are not
compared further.
"""

SECOND = 0.15
"""What an event's second best member counts for when a telling is weighed against the event."""

BIAS = -5.5
WEIGHTS: Mapping[str, float] = {
    "title": 2.7,
    "lead": 14.5,
    "names": -1.0,
    "action": 4.2,
    "numbers": 2.3,
    "wording": 8.0,
    "apart": -8.0,
}
"""Learned by logistic regression on the labelled tellings under tests/data/curate, but `wording`, which short
tellings cannot teach: with it a story that shares most of its shingles is the same one whatever its headline.
"""


class Rarity:
    """How much a stem tells, from how many of the stories have it."""

    def __init__(self, tellings: Sequence[Telling]) -> None:
        counts: Counter[str] = Counter()
        for telling in tellings:
            counts.update(telling.lead)
        self._weights = {stem: max(0.0, self._weight(count, len(tellings))) for stem, count in counts.items()}
        self._most = self._weight(1, len(tellings))
        self._full: dict[frozenset[str], float] = {}

    @staticmethod
    def _weight(count: int, stories: int) -> float:
        # As if sixty more stories were there, so that a handful of stories has no common words.
        return math.log((stories + 60) / (count + 2))

    def of(self, stem: str) -> float:
        """Return the weight of a stem, at least 0."""
        return self._weights.get(stem, self._most)

    def total(self, stems: Iterable[str]) -> float:
        """Return the weight of a set of stems."""
        return sum(map(self.of, stems))

    def full(self, stems: frozenset[str]) -> float:
        """Return the weight of a set in which no stem counts for less than half of the rarest.

        Measured against it, sharing nothing but common words is sharing little.
        """
        known = self._full.get(stems)
        if known is None:
            least = self._most / 2
            known = self._full[stems] = sum(max(self.of(stem), least) for stem in stems)
        return known


def compare(one: Telling, other: Telling, rarity: Rarity) -> dict[str, float]:
    """Return what two tellings share, each part from 0 to 1; `apart` is the time between them."""
    return {
        "title": _share(one.title, other.title, rarity, least=True),
        "lead": _share(one.lead, other.lead, rarity),
        "names": _share(one.names, other.names, rarity),
        "action": _share(one.action, other.action, rarity),
        "numbers": _numbers(one, other),
        "wording": resemblance(one, other),
        "apart": _apart(one, other),
    }


def evidence(one: Telling, other: Telling, rarity: Rarity) -> float:
    """Return the logarithm of the odds that two tellings are of one event."""
    if not _can_be_same(one, other) or _share(one.lead, other.lead, rarity) < LEAST_LEAD:
        return -math.inf
    parts = compare(one, other, rarity)
    return BIAS + sum(WEIGHTS[name] * value for name, value in parts.items())


def _can_be_same(one: Telling, other: Telling) -> bool:
    """Refuse tellings that share next to nothing, and the numbered parts of a series."""
    if one.title != other.title and all(stem.isdigit() for stem in one.title ^ other.title):
        return False
    return len(one.lead & other.lead) >= LEAST_SHARED or (len(one.title) > 1 and one.title == other.title)


def same_event(one: Telling, other: Telling, rarity: Rarity) -> bool:
    """Say whether two tellings are of one event."""
    return evidence(one, other, rarity) > 0


def group_events(tellings: Sequence[Telling]) -> list[list[int]]:
    """Group the tellings by event; return their places, groups and members in order of time.

    A telling joins the event it is most like. One that stood alone when it came is looked at again when all are
    there, since two tellings that share little may both share much with a third.
    """
    grouping = _Grouping(tellings)
    order = sorted(range(len(tellings)), key=lambda place: (tellings[place].moment, place))
    for place in order:
        grouping.add(place)
    for place in order:
        grouping.reconsider(place)
    groups = [
        sorted(group, key=lambda place: (tellings[place].moment, place)) for group in grouping.groups if group
    ]
    return sorted(groups, key=lambda group: (tellings[group[0]].moment, group[0]))


class _Grouping:
    """Events as they are found: groups of places, and which events each key leads to."""

    def __init__(self, tellings: Sequence[Telling]) -> None:
        self.groups: list[list[int]] = []
        self._tellings = tellings
        self._rarity = Rarity(tellings)
        self._event_of: list[int] = [-1] * len(tellings)
        self._keys: list[list[object]] = [_keys(telling, self._rarity) for telling in tellings]
        self._events: dict[object, list[int]] = {}

    def add(self, place: int) -> None:
        """Put a telling with its event, or let it start one."""
        event = self._find_event(place)
        if event is None:
            event = len(self.groups)
            self.groups.append([])
        self._put(place, event)

    def reconsider(self, place: int) -> None:
        """Put a telling that stands alone with the event it belongs to, if there is one by now."""
        alone = self._event_of[place]
        if len(self.groups[alone]) > 1:
            return
        event = self._find_event(place)
        if event is not None:
            self.groups[alone] = []
            self._put(place, event)

    def _put(self, place: int, event: int) -> None:
        self.groups[event].append(place)
        self._event_of[place] = event
        for key in self._keys[place]:
            events = self._events.setdefault(key, [])
            if event not in events:
                events.append(event)
                if len(events) > EVENTS_A_KEY:
                    del events[0]

    def _find_event(self, place: int) -> int | None:
        events = self._events
        shared = Counter(event for key in self._keys[place] for event in events.get(key, ()))
        likely = sorted(shared.items(), key=lambda entry: (-entry[1], entry[0]))[:COMPARED]
        best: tuple[float, int] | None = None
        for event, _ in likely:
            if event == self._event_of[place] or not self.groups[event]:
                continue
            weight = self._weigh(place, self.groups[event])
            if weight > 0 and (best is None or weight > best[0]):
                best = (weight, event)
        return None if best is None else best[1]

    def _weigh(self, place: int, group: list[int]) -> float:
        """Return the evidence that a telling belongs to a group: mostly its best member's, in part the next best's."""
        members = group[:MEMBERS_COMPARED] + group[MEMBERS_COMPARED:][-1:]
        telling, rarity = self._tellings[place], self._rarity
        found = sorted(
            (evidence(telling, self._tellings[member], rarity) for member in members), reverse=True
        )
        return found[0] if len(found) == 1 else (1 - SECOND) * found[0] + SECOND * found[1]


def _keys(telling: Telling, rarity: Rarity) -> list[object]:
    def by_rarity(stems: frozenset[str]) -> list[str]:
        return sorted(stems, key=lambda stem: (-rarity.of(stem), stem))

    named = telling.title | telling.names
    words = [*by_rarity(named)[:TELLING_WORDS], *by_rarity(telling.lead - named)][:TELLING_WORDS]
    return [*combinations(sorted(words), 2), *telling.sketch[:4]]


def _apart(one: Telling, other: Telling) -> float:
    """Return 0 for tellings within half a day of each other, growing to 1 over the next day."""
    days = abs((one.moment - other.moment).total_seconds()) / 86400
    return min(max(days - 0.5, 0.0), 1.0)


def _share(one: frozenset[str], other: frozenset[str], rarity: Rarity, *, least: bool = False) -> float:
    """Return the weight two sets have in common: of the smaller one, or of both on average."""
    if not one or not other:
        return 0.0
    common = rarity.total(one & other)
    first, second = rarity.full(one), rarity.full(other)
    whole = min(first, second) if least else (first + second) / 2
    return common / whole if whole else 0.0


def _numbers(one: Telling, other: Telling) -> float:
    if not one.numbers or not other.numbers:
        return 0.0
    return len(one.numbers & other.numbers) / min(len(one.numbers), len(other.numbers))

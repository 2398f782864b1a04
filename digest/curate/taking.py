"""Take the best stories of many kinds, and put them in reading order.

What the editor holds has its place from the start. The others are taken best first, each the less welcome the more
of its outlet and section are in already. A section's limit is firm; an outlet has half the places until no other
can fill them.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from digest.curate.entry import Entry, Wishes, make_reason
from digest.model import LeftOut

OUTLET_PENALTY = 0.35
SECTION_PENALTY = 0.12


def take(leads: Sequence[Entry], wishes: Wishes) -> tuple[list[Entry], list[LeftOut]]:
    """Return the stories that are taken, and each other one with its reason."""
    table = _Table(wishes, [entry for entry in leads if entry.held])
    waiting, refused = _fill(table, leads, share=max(1, math.ceil(wishes.max_stories / 2)))
    if table.has_room:
        waiting, more = _fill(table, waiting, share=None)
        refused += more
    return table.taken, [*refused, *map(table.over_share, waiting)]


class _Table:
    """What is taken so far; of each outlet and section, how many are in and how many places are given away."""

    def __init__(self, wishes: Wishes, held: Sequence[Entry]) -> None:
        self.taken: list[Entry] = []
        self.most = wishes.max_stories
        self.places = len(held)
        self._limits = {section.strip().casefold(): most for section, most in wishes.section_limits.items()}
        self._of_outlet = Counter(entry.outlet.key for entry in held)
        self._in_section = Counter(entry.counted_in for entry in held)
        self._outlets: Counter[str] = Counter()
        self._sections: Counter[str] = Counter()

    @property
    def has_room(self) -> bool:
        """Say whether another story may be taken."""
        return self.places < self.most

    def take(self, entry: Entry) -> None:
        """Take one, with what it is worth less after those that are in."""
        self.taken.append(self._varied(entry))
        self._outlets[entry.outlet.key] += 1
        self._sections[entry.counted_in] += 1
        if not entry.held:
            self.places += 1
            self._of_outlet[entry.outlet.key] += 1
            self._in_section[entry.counted_in] += 1

    def of_outlet(self, entry: Entry) -> int:
        """Return how many places its outlet has."""
        return self._of_outlet[entry.outlet.key]

    def limit_of(self, entry: Entry) -> int | None:
        """Return the limit of its section where that is reached."""
        most = self._limits.get(entry.counted_in)
        return most if most is not None and self._in_section[entry.counted_in] >= most else None

    def worth(self, entry: Entry) -> float:
        """Return its score after those that are in."""
        return round(entry.score - self._penalty(entry), 2)

    def _varied(self, entry: Entry) -> Entry:
        penalty = self._penalty(entry)
        if not penalty:
            return entry
        outlets, sections = self._outlets[entry.outlet.key], self._sections[entry.counted_in]
        before = [f"{outlets} from {entry.outlet.name}"] * bool(outlets)
        before += [
            f"{sections} in {entry.section}" if entry.section else f"{sections} without a section"
        ] * bool(sections)
        return entry.because([make_reason("variety", -penalty, f"after {' and '.join(before)}")])

    def over_share(self, entry: Entry) -> LeftOut:
        """Say that its outlet has its share."""
        count = self.of_outlet(entry)
        why = f"over its outlet's share: {count} of {self.most} stories are from {entry.outlet.name}"
        return entry.left_out(why, self.worth(entry))

    def _penalty(self, entry: Entry) -> float:
        outlets, sections = self._outlets[entry.outlet.key], self._sections[entry.counted_in]
        return round(OUTLET_PENALTY * outlets + SECTION_PENALTY * sections, 2)


def _fill(table: _Table, entries: Sequence[Entry], *, share: int | None) -> tuple[list[Entry], list[LeftOut]]:
    """Take the best while there is room; return those that only their outlet's share kept out, and the others.

    What is alike loses alike, so of each outlet and section only the best one left is looked at.
    """
    alike: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.order, reverse=True):
        alike.setdefault((entry.outlet.key, entry.counted_in), []).append(entry)
    heap = [(-table.worth(kind[-1]), kind[-1].order, key) for key, kind in alike.items()]
    heapq.heapify(heap)
    waiting: list[Entry] = []
    refused: list[LeftOut] = []
    over: list[Entry] = []
    while heap:
        promised, _, key = heapq.heappop(heap)
        kind = alike[key]
        entry = kind[-1]
        if -table.worth(entry) <= promised:
            kind.pop()
            if entry.held:
                table.take(entry)
            elif not table.has_room:
                over.append(entry)
            elif (limit := table.limit_of(entry)) is not None:
                why = f"over the limit of {limit} in {entry.section}"
                refused.append(entry.left_out(why, table.worth(entry)))
            elif share is not None and table.of_outlet(entry) >= share:
                waiting.append(entry)
            else:
                table.take(entry)
        if kind:
            heapq.heappush(heap, (-table.worth(kind[-1]), kind[-1].order, key))
    why = f"over the limit of {table.most} {'story' if table.most == 1 else 'stories'}"
    return waiting, [*refused, *(entry.left_out(why, table.worth(entry)) for entry in over)]


def in_order(chosen: Sequence[Entry], sections: Sequence[str]) -> list[Entry]:
    """Put sections in order, spelled one way, and in each the best story first."""
    ranked = sorted(chosen, key=lambda entry: entry.order)
    spelled: dict[str, str] = {}
    for section in (*sections, *(entry.section for entry in ranked)):
        spelled.setdefault(section.casefold(), section)
    order = list(spelled)
    alike = [replace(entry, section=spelled[entry.section.casefold()]) for entry in ranked]
    return sorted(alike, key=lambda entry: order.index(entry.section.casefold()))

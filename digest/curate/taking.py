"""Take the best stories of many kinds, and put them in reading order."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from digest.curate.entry import Entry
from digest.model import Reason

OUTLET_PENALTY = 0.35
SECTION_PENALTY = 0.12


def take(leads: Sequence[Entry], max_stories: int) -> list[Entry]:
    """Take the best first, what is alike to those taken counting less."""
    cap = max(1, math.ceil(max_stories / 2))
    outlets: Counter[str] = Counter()
    sections: Counter[str] = Counter()
    heap = [(-entry.score, entry.story.id, place) for place, entry in enumerate(leads)]
    heapq.heapify(heap)
    taken: list[Entry] = []
    waiting: list[Entry] = []
    while heap and len(taken) < max_stories:
        promised, story_id, place = heapq.heappop(heap)
        entry = leads[place]
        if outlets[entry.outlet] >= cap:
            waiting.append(entry)
            continue
        penalty = _penalty(entry, outlets, sections)
        worth = -(entry.score - penalty)
        if worth > promised + 1e-9:
            heapq.heappush(heap, (worth, story_id, place))
            continue
        taken.append(_penalised(entry, penalty))
        outlets[entry.outlet] += 1
        sections[entry.section.casefold()] += 1
    for entry in waiting[: max_stories - len(taken)]:
        taken.append(_penalised(entry, _penalty(entry, outlets, sections)))
    return taken


def _penalty(entry: Entry, outlets: Mapping[str, int], sections: Mapping[str, int]) -> float:
    return OUTLET_PENALTY * outlets.get(entry.outlet, 0) + SECTION_PENALTY * sections.get(
        entry.section.casefold(), 0
    )


def _penalised(entry: Entry, penalty: float) -> Entry:
    if not penalty:
        return entry
    reason = Reason(name="variety", value=-penalty, detail=f"after others from {entry.outlet} or its section")
    return replace(entry, reasons=(*entry.reasons, reason))


def in_order(chosen: Sequence[Entry], sections: Sequence[str]) -> list[Entry]:
    """Put sections in order, spelled one way, and in each the best story first."""
    ranked = sorted(chosen, key=lambda entry: (-entry.score, entry.story.id))
    spelled: dict[str, str] = {}
    for section in (*sections, *(entry.section for entry in ranked)):
        spelled.setdefault(section.casefold(), section)
    order = list(spelled)
    alike = [replace(entry, section=spelled[entry.section.casefold()]) for entry in ranked]
    return sorted(alike, key=lambda entry: order.index(entry.section.casefold()))

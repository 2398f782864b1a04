"""Tellings with the events they are of, as tests and benches read them.

A block of a file holds stories that are easily mistaken for each other; two are of one event where block and event
are the same. A line of a file is an event's letter, hours from the edition (negative: before it), and `title | text`;
one of `events.txt` a kind (A: tells the event, F: follows it up on a later day, O: tells another event of the same
names), hours before or, for F, after the edition, and `title | text`. Of `wires.txt` and `briefs.txt` some are whole
stories and some a feed's one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from tests.conftest import DATA

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
FILES = ("events.txt", "outlets.txt", "wires.txt", "briefs.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One story: its block (unique over the files), its event within the block, and what it says."""

    block: str
    event: str
    title: str
    text: str
    moment: datetime

    def is_same(self, other: Labelled) -> bool:
        """Say whether the two are of one event."""
        return self.block == other.block and self.event == other.event


def read_labelled(*names: str) -> list[Labelled]:
    """Read the labelled stories of the files, all of them where none is named."""
    return [one for name in names or FILES for one in _read(name)]


def _read(name: str) -> list[Labelled]:
    found = []
    blocks = (DATA / "curate" / name).read_text(encoding="utf-8").strip().split("\n\n")
    for block, lines in enumerate(blocks):
        for number, line in enumerate(lines.split("\n")):
            event, hours, told = line.split(" ", 2)
            title, _, text = told.partition(" | ")
            after = int(hours)
            if name == "events.txt":
                after = after if event == "F" else -after
                event = event if event == "A" else f"{event}{number}"
            found.append(
                Labelled(
                    block=f"{name} {block}",
                    event=event,
                    title=title,
                    text=text,
                    moment=NOW + timedelta(hours=after),
                )
            )
    return found


def count_pairs(labelled: Sequence[Labelled], groups: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Return how many pairs were rightly joined, wrongly joined and missed."""
    group_of = {place: number for number, group in enumerate(groups) for place in group}
    right = wrong = missed = 0
    for one, other in combinations(range(len(labelled)), 2):
        is_same = labelled[one].is_same(labelled[other])
        is_joined = group_of[one] == group_of[other]
        right += is_same and is_joined
        wrong += is_joined and not is_same
        missed += is_same and not is_joined
    return right, wrong, missed


def pair_f1(counts: tuple[int, int, int]) -> float:
    """Return the F1 of pairs that were rightly joined, wrongly joined and missed."""
    right, wrong, missed = counts
    return 2 * right / (2 * right + wrong + missed)


def blocks_of(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    """Return the stories of each block, in the order of the blocks."""
    blocks: dict[str, list[Labelled]] = {}
    for one in labelled:
        blocks.setdefault(one.block, []).append(one)
    return list(blocks.values())

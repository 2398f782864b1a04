"""One event is found across outlets; another event of the same people, or the next day's news, is not it.

`tests/data/curate/events.txt` holds an event a block. A line is a kind (A: tells the event, F: follows it up on
a later day, O: tells another event of the same names), hours before or, for F, after the edition, and `title | text`.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from digest.curate.duplicates import Rarity, group_events, same_event
from digest.curate.tellings import Telling, make_telling, resemblance
from tests.conftest import DATA

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
Labelled = tuple[int, str, Telling]


def read_events() -> list[Labelled]:
    found = []
    for event, block in enumerate(
        (DATA / "curate/events.txt").read_text(encoding="utf-8").strip().split("\n\n")
    ):
        for line in block.split("\n"):
            kind, hours, told = line.split(" ", 2)
            title, _, text = told.partition(" | ")
            moment = NOW + timedelta(hours=int(hours) if kind == "F" else -int(hours))
            found.append((event, kind, make_telling(title, text, moment)))
    return found


def pair_counts(labelled: list[Labelled]) -> tuple[int, int, int]:
    """Return how many pairs were rightly joined, wrongly joined and missed."""
    groups = group_events([telling for _, _, telling in labelled])
    group_of = {place: number for number, group in enumerate(groups) for place in group}
    right = wrong = missed = 0
    for one, other in combinations(range(len(labelled)), 2):
        is_same = labelled[one][0] == labelled[other][0] and labelled[one][1] == labelled[other][1] == "A"
        is_joined = group_of[one] == group_of[other]
        right += is_same and is_joined
        wrong += is_joined and not is_same
        missed += is_same and not is_joined
    return right, wrong, missed


def test_events_are_found_across_outlets() -> None:
    labelled = read_events()
    within = sum(a[0] == b[0] for a, b in combinations(labelled, 2))

    right, wrong, missed = pair_counts(labelled)

    assert within >= 300
    assert 2 * right / (2 * right + wrong + missed) >= 0.9


def test_events_of_one_day_are_found_among_few_stories() -> None:
    labelled = read_events()
    totals = [0, 0, 0]
    for day in range(4):
        some = [one for one in labelled if one[0] % 4 == day]
        totals = [total + count for total, count in zip(totals, pair_counts(some), strict=True)]

    right, wrong, missed = totals
    assert 2 * right / (2 * right + wrong + missed) >= 0.95


def test_a_rewritten_headline_does_not_hide_the_same_text() -> None:
    text = " ".join(f"word{n} other{n * 7 % 50}" for n in range(60))
    one, other = make_telling("Otters return", text, NOW), make_telling("A river wakes", text + " More.", NOW)

    assert resemblance(one, other) > 0.9
    assert same_event(one, other, Rarity([one, other]))


@pytest.mark.parametrize("text", ["", "Body.", "The text of the story is short."])
def test_short_texts_that_are_alike_make_no_event(text: str) -> None:
    tellings = [make_telling(f"Story {n}", text, NOW) for n in range(4)]

    assert len(group_events(tellings)) == 4


def test_each_telling_is_in_one_group_whatever_their_order() -> None:
    tellings = [telling for _, _, telling in read_events()]
    shuffled = random.Random(3).sample(tellings, len(tellings))

    places = sorted(place for group in group_events(tellings) for place in group)
    groups = [{tellings[place] for place in group} for group in group_events(tellings)]
    again = [{shuffled[place] for place in group} for group in group_events(shuffled)]

    assert places == list(range(len(tellings)))
    assert sum(group in again for group in groups) >= 0.95 * len(groups)


def test_a_thousand_stories_are_grouped_in_seconds() -> None:
    dice = random.Random(1)
    vocabulary = [
        f"{a}{b}{c}"
        for a in "bdkmprst"
        for b in ("al", "en", "or", "ur")
        for c in ("ik", "ost", "ima", "und")
    ]
    tellings = []
    for _ in range(1000):
        words = [dice.choice(vocabulary) for _ in range(120)]
        title = " ".join(word.capitalize() for word in words[:7])
        tellings.append(make_telling(title, " ".join(words), NOW - timedelta(minutes=dice.randrange(1440))))
    started = time.perf_counter()

    groups = group_events(tellings)

    assert time.perf_counter() - started < 10
    assert len(groups) > 900

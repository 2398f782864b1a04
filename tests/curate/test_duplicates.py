"""One event is found across outlets; another event of the same people, or the next day's news, is not it."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from itertools import combinations

import pytest

from digest.curate.duplicates import group_events, same_event
from digest.curate.likeness import Rarity
from digest.curate.tellings import Telling, make_telling, resemblance
from tests.curate.labelled import FILES, NOW, Labelled, count_pairs, pair_f1, read_labelled


def tell(labelled: list[Labelled]) -> list[Telling]:
    return [make_telling(one.title, one.text, one.moment) for one in labelled]


def grouped(labelled: list[Labelled]) -> tuple[int, int, int]:
    return count_pairs(labelled, group_events(tell(labelled)))


def test_events_are_found_across_outlets() -> None:
    labelled = read_labelled()
    within = [(a, b) for a, b in combinations(labelled, 2) if a.block == b.block]

    found = grouped(labelled)

    assert len(within) >= 660 and sum(a.is_same(b) for a, b in within) >= 180
    assert pair_f1(found) >= 0.95


@pytest.mark.parametrize("name", FILES)
def test_events_of_one_day_are_found_among_few_stories(name: str) -> None:
    labelled = read_labelled(name)
    blocks = sorted({one.block for one in labelled})
    totals = (0, 0, 0)
    for day in range(4):
        right, wrong, missed = grouped([one for one in labelled if one.block in blocks[day::4]])
        totals = (totals[0] + right, totals[1] + wrong, totals[2] + missed)

    assert pair_f1(totals) >= 0.93


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
    tellings = tell(read_labelled())
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

"""One event is found across outlets; another event of the same people, or the next day's news, is not it."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from itertools import combinations

import pytest

from digest.curate.duplicates import group_events, same_event
from digest.curate.figures import all_steps, shared
from digest.curate.likeness import Rarity
from digest.curate.tellings import make_telling, resemblance
from tests.bench.learn_events import (
    batches_of,
    counts_alone,
    counts_of,
    cross_validate,
    learn,
    stories_apart,
    tell,
    using,
)
from tests.curate.labelled import FILES, NOW, blocks_of, pair_f1, read_labelled


def test_events_are_found_across_outlets() -> None:
    labelled = read_labelled()
    within = [(a, b) for a, b in combinations(labelled, 2) if a.block == b.block]

    together, in_batches = counts_of(labelled), counts_alone(batches_of(labelled, 4))

    assert len(within) >= 1300 and sum(a.is_same(b) for a, b in within) >= 340
    assert pair_f1(in_batches) >= 0.95
    assert pair_f1(together) >= 0.94  # the worlds of four writers, as if of one day


def test_events_not_learned_from_are_found() -> None:
    assert pair_f1(cross_validate(read_labelled(), 6)) >= 0.94


def test_stories_of_one_day_that_have_nothing_in_common_stay_apart() -> None:
    tellings = tell(stories_apart())

    groups = group_events(tellings)

    assert len(tellings) >= 80
    assert len(groups) >= 0.92 * len(tellings)


@pytest.mark.parametrize("name", FILES)
def test_how_many_other_stories_there_are_hardly_matters(name: str) -> None:
    labelled = read_labelled(name)

    together, alone = counts_of(labelled), counts_alone(blocks_of(labelled))
    in_batches = counts_alone(batches_of(labelled, 4))

    assert min(pair_f1(together), pair_f1(alone), pair_f1(in_batches)) >= 0.915


@pytest.mark.parametrize("name", FILES)
def test_events_of_other_writers_are_found(name: str) -> None:
    with using(*learn(read_labelled(*(other for other in FILES if other != name)))):
        found = counts_of(read_labelled(name))

    assert pair_f1(found) >= 0.91


def test_numbers_that_are_rounded_are_the_same_but_not_years() -> None:
    def is_shared(one: str, other: str) -> bool:
        return bool(shared(frozenset({one}), frozenset({other}), all_steps([other])))

    assert is_shared("29", "30") and is_shared("11940", "12000") and is_shared("7", "7")
    assert not is_shared("29", "40") and not is_shared("2025", "2026") and not is_shared("7", "8")


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
    started = time.process_time()

    groups = group_events(tellings)

    assert time.process_time() - started < 20
    assert len(groups) > 900

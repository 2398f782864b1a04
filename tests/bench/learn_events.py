"""Learn what makes two tellings one event, and say how good it is on events not learned from.

    python -m tests.bench.learn_events [--folds 6] [--write]

Every plausible pair of the labelled tellings under tests/data/curate is one case of a logistic regression over its
features; a second one over a pair's own evidence and its witnesses' joins the pairs into events.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from digest.curate import likeness
from digest.curate.duplicates import Pairs, group_events
from digest.curate.likeness import FEATURES, MODEL, Model, Profile, Rarity, describe
from digest.curate.tellings import make_telling
from tests.curate.labelled import FILES, Labelled, count_pairs, pair_f1, read_labelled

RIDGE, SECOND_RIDGE = 0.3, 0.3
Case = tuple[list[float], bool]


def learn(labelled: Sequence[Labelled]) -> Model:
    """Learn both regressions from labelled tellings."""
    tellings = [make_telling(one.title, one.text, one.moment) for one in labelled]
    rarity = Rarity(tellings)
    profiles = [Profile(telling, rarity) for telling in tellings]
    cases = [
        (describe(profiles[one], profiles[other], rarity), labelled[one].is_same(labelled[other]))
        for one, other in combinations(range(len(labelled)), 2)
        if len(tellings[one].lead & tellings[other].lead) >= likeness.LEAST_SHARED
    ]
    *weights, bias = fit(cases, RIDGE)
    first = Model(weights=tuple(weights), bias=bias, own=1, support=0, conflict=0)
    with using(first):
        pairs = Pairs(tellings, range(len(tellings)))
        witnessed = [
            (list(pairs.witnessed(one, other)), labelled[one].is_same(labelled[other]))
            for one, other in pairs.pairs()
        ]
    own, support, conflict = fit(witnessed, SECOND_RIDGE, has_bias=False)
    return Model(weights=first.weights, bias=bias, own=own, support=support, conflict=conflict)


@contextmanager
def using(learned: Model) -> Iterator[None]:
    """Let the stage use a model that does not ship."""
    kept = likeness.MODEL
    with tempfile.TemporaryDirectory() as folder:
        likeness.MODEL = Path(folder) / kept.name
        write(learned, likeness.MODEL)
        likeness.model.cache_clear()
        try:
            yield
        finally:
            likeness.MODEL = kept
            likeness.model.cache_clear()


def write(learned: Model, path: Path) -> None:
    """Write a model as it ships."""
    record = {
        "weights": {name: round(weight, 3) for name, weight in zip(FEATURES, learned.weights, strict=True)},
        **{name: round(getattr(learned, name), 3) for name in ("bias", "own", "support", "conflict")},
    }
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def counts_of(labelled: Sequence[Labelled]) -> tuple[int, int, int]:
    """Return how well the model in use groups labelled tellings."""
    groups = group_events([make_telling(one.title, one.text, one.moment) for one in labelled])
    return count_pairs(labelled, groups)


def fit(cases: Sequence[Case], ridge: float, *, has_bias: bool = True, rounds: int = 25) -> list[float]:
    """Return the weights of a logistic regression, the bias last if it has one, by Newton's method."""
    rows = [([*features, 1.0] if has_bias else features, is_true) for features, is_true in cases]
    ridges = [ridge] * len(cases[0][0]) + [0.0] * has_bias
    weights = [0.0] * len(ridges)
    for _ in range(rounds):
        gradient = [-held * weight for held, weight in zip(ridges, weights, strict=True)]
        curvature = [
            [held * (row == column) for column in range(len(ridges))] for row, held in enumerate(ridges)
        ]
        for values, is_true in rows:
            told = sum(a * b for a, b in zip(weights, values, strict=True))
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, told))))
            spread = chance * (1 - chance)
            for row, value in enumerate(values):
                gradient[row] += (is_true - chance) * value
                if spread > 1e-6 and value:
                    scaled = spread * value
                    curvature[row] = [c + scaled * v for c, v in zip(curvature[row], values, strict=True)]
        step = solve(curvature, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-4:
            break
    return weights


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a system of linear equations by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for place in range(len(rows)):
        pivot = max(range(place, len(rows)), key=lambda row: abs(rows[row][place]))
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for other in range(len(rows)):
            factor = rows[other][place] / rows[place][place] if other != place else 0.0
            if factor:
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[place], strict=True)]
    return [row[-1] / row[place] for place, row in enumerate(rows)]


def cross_validate(labelled: Sequence[Labelled], folds: int) -> tuple[int, int, int]:
    """Return how well blocks are grouped that were not learned from."""
    blocks = sorted({one.block for one in labelled})
    random.Random(5).shuffle(blocks)
    totals = (0, 0, 0)
    for fold in range(folds):
        held = set(blocks[fold::folds])
        with using(learn([one for one in labelled if one.block not in held])):
            right, wrong, missed = counts_of([one for one in labelled if one.block in held])
        totals = (totals[0] + right, totals[1] + wrong, totals[2] + missed)
    return totals


def main() -> None:
    """Learn from each file and from all, print how good it is on the others, and write what ships."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--write", action="store_true", help=f"write {MODEL.name}")
    arguments = parser.parse_args()
    everything = read_labelled()
    for name, *rest in ((name, *(other for other in FILES if other != name)) for name in FILES):
        with using(learn(read_labelled(name))):
            counts = counts_of(read_labelled(*rest))
        print(f"learned from {name}, on {', '.join(rest)}: {pair_f1(counts):.4f} {counts}")
    counts = cross_validate(everything, arguments.folds)
    print(f"{arguments.folds} folds of blocks: {pair_f1(counts):.4f} {counts}")
    learned = learn(everything)
    with using(learned):
        for names in (*((name,) for name in FILES), FILES):
            counts = counts_of(read_labelled(*names))
            print(f"learned from all, on {', '.join(names)}: {pair_f1(counts):.4f} {counts}")
    if arguments.write:
        write(learned, MODEL)


if __name__ == "__main__":
    main()

"""Learn the weights that choose a blurb's sentences, and say how good they are on stories not learned from.

    python -m tests.bench.learn_blurbs [--data CASES.jsonl] [--folds 10] [--rounds 3] [--write]

A case is one line {"id", "title", "text", "reference"}: a story and what an editor made of it. Every set of
sentences that fits is described in a few numbers and scored against the reference; a ridge regression within
each story learns which numbers go with a good score, once over all sets alike and once more with those counting
most that the first weights like, since the choice is among these. The scores here are ROUGE-1, -2 and -Lsum F with
words cut to six letters, close to the usual stemmed ones.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from digest.model import Story, StoryId
from digest.summarize import choosing
from digest.summarize.choosing import (
    Fitting,
    Limits,
    Model,
    is_full_enough,
    narrow,
    score_passages,
    sets_that_fit,
)
from digest.summarize.features import PASSAGE_FEATURES, SET_FEATURES, describe_passage, describe_set
from digest.summarize.passages import read_story

DATA = Path(__file__).resolve().parents[3] / "shared/yardstick/blurbs/cases.jsonl"
MODEL = Path(choosing.__file__).with_name("blurb_model.json")
WORDS = 60
RIDGE = 0.001
SPREAD = 0.2
"""How far below the best of its story a set may be and still count: by e to the distance over this."""
SHARES = (2.0, 1.0, 1.0)
"""What ROUGE-1, ROUGE-2 and ROUGE-Lsum count for in the score that is learned."""

Scores = tuple[float, float, float]
_TOKEN = re.compile(r"[a-z0-9]+")
_LINES = re.compile(r"(?<=[.!?])[\"'”’]?\s+(?=[\"'“‘A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Case:
    """One story: each set's numbers and scores, and the scores of its first sentences.

    `readable` are the places of the sets that need nothing that is left out: a blurb is one of these, but all teach.
    """

    numbers: list[list[float]]
    scores: list[Scores]
    lead: Scores
    readable: list[int]


def main() -> None:
    """Learn, cross-validate, print, and write the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cases = read_cases(arguments.data)
    learned = [cross_validate(cases, arguments.folds, seed) for seed in range(arguments.rounds)]
    for name, place in (("R1", 0), ("R2", 1), ("RLsum", 2)):
        ours = [statistics.mean(scores[at][place] for scores in learned) for at in range(len(cases))]
        lead = [case.lead[place] for case in cases]
        print(
            f"{name}: unseen {100 * statistics.mean(ours):.2f}, first sentences {100 * statistics.mean(lead):.2f}, "
            f"p {bootstrap(ours, lead):.4f}"
        )
    if arguments.write:
        write(fit(cases))


def read_cases(path: Path) -> list[Case]:
    """Read the stories and weigh every set of sentences that fits."""
    model = choosing.shipped_model()
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        story = Story(id=StoryId(record["id"]), source="-", title=record["title"], text=record["text"])
        case = make_case(story, record["reference"], model)
        if case.numbers:
            cases.append(case)
    return cases


def make_case(story: Story, reference: str, model: Model) -> Case:
    """Describe and score each set of a story's sentences."""
    reading = read_story(story)
    limits = Limits(words=WORDS, characters=12 * WORDS)
    candidates = [passage for passage in reading.passages if not passage.fault]
    judge = Judge(reference, [passage.sentence.text for passage in reading.passages])
    kept = narrow(candidates, score_passages(reading, candidates, limits, model=model))
    described = {passage.place: describe_passage(passage, reading) for passage in kept}
    numbers, scores = [], []
    readable_sets = {fitting.passages for fitting in _full(sets_that_fit(reading, kept, limits), limits)}
    fitting_sets = _full(sets_that_fit(reading, kept, limits, may_lean=True), limits)
    for fitting in fitting_sets:
        shares = [
            sum(described[passage.place][at] * passage.words / WORDS for passage in fitting.passages)
            for at in range(len(PASSAGE_FEATURES))
        ]
        numbers.append([*shares, *describe_set(reading, fitting.sums, limit=WORDS)])
        scores.append(judge.score([passage.place for passage in fitting.passages]))
    lead, words = [], 0
    for passage in reading.passages:
        words += passage.words
        if words > WORDS:
            break
        lead.append(passage.place)
    readable = [at for at, fitting in enumerate(fitting_sets) if fitting.passages in readable_sets]
    return Case(numbers, scores, judge.score(lead), readable or list(range(len(numbers))))


def _full(fitting_sets: Iterable[Fitting], limits: Limits) -> list[Fitting]:
    """Return the sets that take enough of the limit, or all where none does."""
    found = list(fitting_sets)
    return [fitting for fitting in found if is_full_enough(fitting, limits)] or found


class Judge:
    """Score sets of a story's sentences against one reference."""

    def __init__(self, reference: str, sentences: Sequence[str]) -> None:
        self._lines = [_tokens(line) for line in _LINES.split(reference) if line]
        words = [word for line in self._lines for word in line]
        self._words, self._pairs = Counter(words), Counter(pairwise(words))
        self._sentences = [_tokens(sentence) for sentence in sentences]
        self._common: dict[tuple[int, int], frozenset[int]] = {}

    def score(self, places: Sequence[int]) -> Scores:
        """Return ROUGE-1, ROUGE-2 and ROUGE-Lsum F."""
        words = [word for place in places for word in self._sentences[place]]
        counts, pairs = Counter(words), Counter(pairwise(words))
        hits, left, wanted = 0, counts.copy(), self._words.copy()
        for at, line in enumerate(self._lines):
            for index in sorted(frozenset().union(*(self._lcs(at, place) for place in places))):
                word = line[index]
                if left[word] > 0 and wanted[word] > 0:
                    hits += 1
                    left[word] -= 1
                    wanted[word] -= 1
        return (
            _f((counts & self._words).total(), counts.total(), self._words.total()),
            _f((pairs & self._pairs).total(), pairs.total(), self._pairs.total()),
            _f(hits, counts.total(), self._words.total()),
        )

    def _lcs(self, at: int, place: int) -> frozenset[int]:
        if (at, place) not in self._common:
            self._common[at, place] = _common_places(self._lines[at], self._sentences[place])
        return self._common[at, place]


def cross_validate(cases: Sequence[Case], folds: int, seed: int) -> list[Scores]:
    """Return the scores of each story's best set by weights learned from the other folds."""
    order = random.Random(seed).sample(range(len(cases)), len(cases))
    scores: list[Scores] = [(0.0, 0.0, 0.0)] * len(cases)
    for fold in range(folds):
        unseen = order[fold::folds]
        hidden = set(unseen)
        weights = fit([case for at, case in enumerate(cases) if at not in hidden])
        for at in unseen:
            case = cases[at]
            best = max(case.readable, key=lambda index: _product(weights, case.numbers[index]))
            scores[at] = case.scores[best]
    return scores


def fit(cases: Sequence[Case]) -> list[float]:
    """Return the weights that two regressions over the cases come to."""
    first = regress([(case, [1.0] * len(case.numbers)) for case in cases])
    return regress([(case, _liked(case, first)) for case in cases])


def _liked(case: Case, weights: Sequence[float]) -> list[float]:
    """Return how much each set counts: the more, the nearer its score by these weights is to the best."""
    values = [_product(weights, numbers) for numbers in case.numbers]
    best = max(values)
    return [math.exp((value - best) / SPREAD) for value in values]


def regress(cases: Sequence[tuple[Case, Sequence[float]]]) -> list[float]:
    """Return ridge weights of the numbers, each story's own mean taken away; sets count as they are given to."""
    size = len(cases[0][0].numbers[0])
    products = [[0.0] * size for _ in range(size)]
    targets = [0.0] * size
    for case, counts in cases:
        total = sum(counts)
        means = [_product(counts, column) / total for column in zip(*case.numbers, strict=True)]
        values = [_product(SHARES, scores) for scores in case.scores]
        mean = _product(counts, values) / total
        for numbers, value, count in zip(case.numbers, values, counts, strict=True):
            share = count / total
            if share < 1e-6:
                continue
            row = [number - own for number, own in zip(numbers, means, strict=True)]
            for at, number in enumerate(row):
                if number:
                    targets[at] += share * number * (value - mean)
                    line = products[at]
                    for other in range(at, size):
                        line[other] += share * number * row[other]
    for at in range(size):
        for other in range(at):
            products[at][other] = products[other][at]
    for at in range(size):
        products[at][at] *= 1 + RIDGE
        products[at][at] += 1e-9
    return solve(products, targets)


def solve(matrix: list[list[float]], values: list[float]) -> list[float]:
    """Solve a symmetric system of equations by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for row in range(size):
            if row != at and rows[row][at]:
                factor = rows[row][at] / rows[at][at]
                rows[row] = [value - factor * own for value, own in zip(rows[row], rows[at], strict=True)]
    return [rows[at][size] / rows[at][at] for at in range(size)]


def bootstrap(ours: Sequence[float], theirs: Sequence[float], *, rounds: int = 5000) -> float:
    """Return how often resampled stories show no gain: a one-sided paired bootstrap's p."""
    dice = random.Random(1)
    gains = [one - other for one, other in zip(ours, theirs, strict=True)]
    return sum(sum(dice.choices(gains, k=len(gains))) <= 0 for _ in range(rounds)) / rounds


def write(weights: Sequence[float]) -> None:
    """Write the weights to where the package reads them."""
    passage, whole = weights[: len(PASSAGE_FEATURES)], weights[len(PASSAGE_FEATURES) :]
    model = {
        "passage": {name: round(weight, 4) for name, weight in zip(PASSAGE_FEATURES, passage, strict=True)},
        "whole": {name: round(weight, 4) for name, weight in zip(SET_FEATURES, whole, strict=True)},
    }
    MODEL.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")


def _tokens(text: str) -> list[str]:
    return [word[:6] for word in _TOKEN.findall(text.lower())]


def _f(hits: float, ours: float, theirs: float) -> float:
    return 2 * hits / (ours + theirs) if hits else 0.0


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(first * second for first, second in zip(one, other, strict=True))


def _common_places(line: Sequence[str], sentence: Sequence[str]) -> frozenset[int]:
    """Return the places in `line` of a longest common subsequence."""
    lengths = [[0] * (len(sentence) + 1) for _ in range(len(line) + 1)]
    for i, word in enumerate(line, start=1):
        for j, other in enumerate(sentence, start=1):
            same = word == other
            lengths[i][j] = lengths[i - 1][j - 1] + 1 if same else max(lengths[i - 1][j], lengths[i][j - 1])
    places, i, j = [], len(line), len(sentence)
    while i and j:
        if line[i - 1] == sentence[j - 1]:
            places.append(i - 1)
            i, j = i - 1, j - 1
        elif lengths[i][j - 1] > lengths[i - 1][j]:
            j -= 1
        else:
            i -= 1
    return frozenset(places)


if __name__ == "__main__":
    main()

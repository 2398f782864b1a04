"""Learn what makes two tellings one event, and say how good it is on events not learned from.

    python -m tests.bench.learn_events [--folds 6] [--write]

The background, how common each stem is, is counted on the labelled tellings under tests/data/curate and the stories
under tests/data/summarize. Every pair of the labelled tellings that shares anything is one case of a logistic
regression: once among all of its file, once among its block alone, so that the batch's size does not matter. So is
every pair of the stories under tests/data/summarize, which are all of different events.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

from digest.curate import likeness
from digest.curate.duplicates import group_events
from digest.curate.likeness import LEARNED, Background, Model, Profile, Rarity, can_be_same, describe
from digest.curate.tellings import Telling, make_telling
from tests.bench.regression import Case, fit
from tests.conftest import DATA
from tests.curate.labelled import FILES, NOW, Labelled, blocks_of, count_pairs, pair_f1, read_labelled

RIDGE = 0.25
OTHER_BLOCK = 0.5
"""What a pair of two blocks counts for beside one of a block, since there are so many of them."""

LANGUAGES = {
    "en": "the of to and a in is was for on that with by at from",
    "de": "der die das und ist nicht wurde ein eine mit von im den dem auf für sich",
    "fr": "le la les des du une est dans pour qui sur par au et ne pas",
    "es": "el los las una con por para del que en y se al es fue",
}
NEVER_READ = ("arabic", "hindi", "japanese")
TOLD_AGAIN = ("french", "german", "spanish", "languages", "other", "hard", "shapes")
STORIES_MISSING = 40
"""A language's shares are counted as if it had so many more stories, so that those of few are not overrated."""

Counts = tuple[int, int, int]


def tell(labelled: Iterable[Labelled]) -> list[Telling]:
    """Return the tellings of labelled stories."""
    return [make_telling(one.title, one.text, one.moment) for one in labelled]


def learn_background(labelled: Sequence[Labelled]) -> Background:
    """Count how many stories of its language have each stem that stands in several blocks."""
    stories: Counter[str] = Counter()
    have: defaultdict[str, Counter[str]] = defaultdict(Counter)
    blocks: defaultdict[str, set[str]] = defaultdict(set)
    files: defaultdict[str, set[str]] = defaultdict(set)
    written: Counter[str] = Counter()
    for one in (*labelled, *_other_stories()):
        telling = make_telling(one.title, one.text, one.moment)
        language = _language(f"{one.title} {one.text}")
        stories[language] += 1
        have[language].update(telling.full)
        written.update(telling.names)
        written.subtract(telling.plain)
        for stem in telling.full:
            blocks[stem].add(one.block)
            files[stem].add(one.block.split()[0])
    shares: dict[str, float] = {}
    for language, counts in have.items():
        for stem, count in counts.items():
            share = (count - 1) / (stories[language] + STORIES_MISSING)
            is_invented = written[stem] > 0 and len(files[stem]) == 1
            if share >= 0.0015 and len(blocks[stem]) > 1 and not is_invented:
                shares[stem] = max(share, shares.get(stem, 0.0))
    names = frozenset(stem for stem in shares if written[stem] > 0 and not stem.startswith("="))
    return Background(shares=shares, names=names)


def _other_stories() -> Iterator[Labelled]:
    """Give the stories that blurbs are tested on, without their marks."""
    for file in sorted((DATA / "summarize" / "stories").glob("*.txt")):
        if file.stem in NEVER_READ:
            continue
        for number, part in enumerate(file.read_text(encoding="utf-8").split("=====\n")):
            lines = part.strip().split("\n")
            title = ""
            while lines and re.match(r"[a-z]+: ", lines[0]):
                key, _, value = lines.pop(0).partition(": ")
                title = value if key == "title" else title
            text = re.sub("[⟨⟩⟦⟧]", "", " ".join(lines))
            yield Labelled(block=f"{file.stem} {number}", event="", title=title, text=text, moment=NOW)


def _language(text: str) -> str:
    words = Counter(text.lower().split())
    return max(LANGUAGES, key=lambda name: sum(words[word] for word in LANGUAGES[name].split()))


def learn(labelled: Sequence[Labelled]) -> tuple[Background, Model]:
    """Learn the background and the regression; a case's background knows nothing of its own file."""
    files = sorted({one.block.split()[0] for one in labelled})
    cases: list[Case] = []
    for name in files:
        own = [one for one in labelled if one.block.split()[0] == name]
        rest = [one for one in labelled if one.block.split()[0] != name]
        with using(learn_background(rest or own)):
            cases += _cases(own, 1.0, OTHER_BLOCK)
            for block in blocks_of(own):
                cases += _cases(block, 1.0, 1.0)
    cases += _cases(stories_apart(), 1.0, OTHER_BLOCK)
    *weights, bias = fit(cases, RIDGE)
    return learn_background(labelled), Model(weights=tuple(weights), bias=bias)


def stories_apart() -> list[Labelled]:
    """Return stories of one day, hardly two of them of one event: none that is told again in another file."""
    dice = random.Random(3)
    return [
        replace(one, event=one.block, moment=NOW - timedelta(minutes=dice.randrange(24 * 60)))
        for one in _other_stories()
        if one.block.split()[0] not in TOLD_AGAIN
    ]


def _cases(labelled: Sequence[Labelled], weight: float, other: float) -> list[Case]:
    tellings = tell(labelled)
    rarity = Rarity(tellings)
    profiles = [Profile(telling, rarity) for telling in tellings]
    return [
        Case(
            values=describe(profiles[a], profiles[b], rarity)[: len(LEARNED)],
            is_true=labelled[a].is_same(labelled[b]),
            weight=(weight if labelled[a].block == labelled[b].block else other) / 2,
        )
        for a, b in combinations(range(len(labelled)), 2)
        if can_be_same(tellings[a], tellings[b])
    ]


@contextmanager
def using(known: Background, learned: Model | None = None) -> Iterator[None]:
    """Let the stage use what does not ship."""
    kept = likeness.BACKGROUND, likeness.MODEL
    with tempfile.TemporaryDirectory() as folder:
        likeness.BACKGROUND = Path(folder) / kept[0].name
        write_background(known, likeness.BACKGROUND)
        if learned is not None:
            likeness.MODEL = Path(folder) / kept[1].name
            write_model(learned, likeness.MODEL)
        likeness.background.cache_clear()
        likeness.model.cache_clear()
        try:
            yield
        finally:
            likeness.BACKGROUND, likeness.MODEL = kept
            likeness.background.cache_clear()
            likeness.model.cache_clear()


def write_model(learned: Model, path: Path) -> None:
    """Write a model as it ships."""
    weights = {name: round(weight, 3) for name, weight in zip(LEARNED, learned.weights, strict=True)}
    record = {"weights": weights, "bias": round(learned.bias, 3)}
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_background(known: Background, path: Path) -> None:
    """Write a background as it ships."""
    lines: defaultdict[int, list[str]] = defaultdict(list)
    for stem, share in known.shares.items():
        lines[round(1000 * share)].append("^" * (stem in known.names) + stem)
    told = [
        "# How many stories of a thousand have a stem; a name has a caret. Counted by tests/bench/learn_events.py.",
        *(" ".join([str(count), *sorted(stems)]) for count, stems in sorted(lines.items(), reverse=True)),
    ]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")


def counts_of(labelled: Sequence[Labelled]) -> Counts:
    """Return how well the model in use groups labelled tellings."""
    return count_pairs(labelled, group_events(tell(labelled)))


def counts_alone(batches: Iterable[Sequence[Labelled]]) -> Counts:
    """Return how well the model in use groups batches, each by itself."""
    right, wrong, missed = zip(*map(counts_of, batches), strict=True)
    return sum(right), sum(wrong), sum(missed)


def batches_of(labelled: Sequence[Labelled], blocks: int) -> list[list[Labelled]]:
    """Return batches of so many blocks, taken by chance."""
    shuffled = blocks_of(labelled)
    random.Random(7).shuffle(shuffled)
    starts = range(0, len(shuffled), blocks)
    return [[one for block in shuffled[start : start + blocks] for one in block] for start in starts]


def report(told: str, labelled: Sequence[Labelled]) -> tuple[Counts, Counts]:
    """Print how well labelled tellings are grouped: all together, in batches, each block and each pair alone."""
    together, alone = counts_of(labelled), counts_alone(blocks_of(labelled))
    batches = counts_alone(batches_of(labelled, 4))
    pairs = counts_alone(pair for block in blocks_of(labelled) for pair in combinations(block, 2))
    timeless = counts_of([replace(one, moment=NOW) for one in labelled])
    print(
        f"{told}: {pair_f1(together):.3f} {together}, by blocks {pair_f1(alone):.3f} {alone}, by four blocks "
        f"{pair_f1(batches):.3f}, by pairs {pair_f1(pairs):.3f}, all at one time {pair_f1(timeless):.3f}"
    )
    return together, alone


def cross_validate(labelled: Sequence[Labelled], folds: int) -> Counts:
    """Return how well blocks are grouped that were not learned from."""
    blocks = sorted({one.block for one in labelled})
    random.Random(5).shuffle(blocks)
    totals = []
    for fold in range(folds):
        held = set(blocks[fold::folds])
        with using(*learn([one for one in labelled if one.block not in held])):
            totals.append(counts_of([one for one in labelled if one.block in held]))
    right, wrong, missed = zip(*totals, strict=True)
    return sum(right), sum(wrong), sum(missed)


def main() -> None:
    """Learn from all files but one and from all, print how good it is on the others, and write what ships."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=int, default=6)
    parser.add_argument("--write", action="store_true", help="write the background and the model")
    arguments = parser.parse_args()
    everything = read_labelled()
    for name in FILES:
        with using(*learn(read_labelled(*(other for other in FILES if other != name)))):
            report(f"learned from the others, on {name}", read_labelled(name))
    if arguments.folds:
        counts = cross_validate(everything, arguments.folds)
        print(f"{arguments.folds} folds of blocks: {pair_f1(counts):.3f} {counts}")
    known, learned = learn(everything)
    with using(known, learned):
        for names in (*((name,) for name in FILES), FILES):
            report(f"learned from all, on {', '.join(names)}", read_labelled(*names))
    if arguments.write:
        write_background(known, likeness.BACKGROUND)
        write_model(learned, likeness.MODEL)


if __name__ == "__main__":
    main()

"""Learn the weights that choose a dump's story, and say how good they are on outlets not learned from.

    python -m tests.bench.learn_dumps [--data FOLDER] [--folds 5] [--write]

FOLDER holds cases.jsonl, a line {"id", "file", "gold": {"text"}} for each dump. A line of a dump is the story's
where its letters stand in the labelled text; a ridge-regularised logistic regression (iteratively reweighted
least squares) learns from its measures whether it is. The second weighing is learned from votes on dumps that
the first had not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digest.charset import decode, repair_mojibake
from digest.extract import dump_vote
from digest.extract.dump_features import Features, measure_lines, measure_votes
from digest.extract.dump_roles import draft_roles
from digest.extract.dump_vote import find_run
from digest.extract.roles import Ruled

DATA = Path(__file__).resolve().parents[3] / "shared/yardstick/dumps"
MODEL = Path(dump_vote.__file__).with_name("dump_model.json")
RIDGE = (1.0, 3.0)
ROUNDS = 12
_TOKEN = re.compile(r"\w+")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A labelled dump: its lines, their measures, and which of them are the story's."""

    name: str
    group: str
    gold: str
    ruled: list[Ruled]
    measures: list[Features]
    is_story: Numbers


def main() -> None:
    """Learn, cross-validate, print, and write the weights when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cases = read_cases(arguments.data)
    votes = unseen_votes(cases, [case.measures for case in cases], RIDGE[0], arguments.folds)
    second = join(cases, votes)
    print_scores("one weighing, unseen outlets", cases, votes)
    print_scores(
        "two weighings, unseen outlets", cases, unseen_votes(cases, second, RIDGE[1], arguments.folds)
    )
    if arguments.write:
        model = {
            "first": learn(cases, [case.measures for case in cases], RIDGE[0]),
            "second": learn(cases, second, RIDGE[1]),
        }
        MODEL.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_cases(folder: Path) -> list[Case]:
    """Read the labelled dumps; an outlet's are one group."""
    cases = []
    for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = repair_mojibake(decode((folder / record["file"]).read_bytes(), "utf-8"))
        draft, worded = draft_roles(text)
        wording = [item.role for item in worded]
        gold = record["gold"]["text"]
        cases.append(
            Case(
                name=record["id"],
                group=re.sub(r"_\d{4}_.*", "", record["id"]),
                gold=gold,
                ruled=draft.ruled,
                measures=measure_lines(draft.ruled, wording, start=draft.start, end=draft.end),
                is_story=np.array(label(draft.ruled, gold), dtype=float),
            )
        )
    return cases


def label(ruled: Sequence[Ruled], gold: str) -> list[bool]:
    """Say of each line whether it is the story's: its letters stand in the labelled text, within its best run."""
    paragraphs = {letters(paragraph) for paragraph in gold.split("\n")} - {""}
    whole = letters(gold)
    held = [letters(item.line.text) for item in ruled]
    stands = [text in paragraphs or (len(text) > 3 and text in whole) for text in held]
    best, run, total, start = 0.0, (0, 0), 0.0, 0
    for position, text in enumerate(held):
        is_short = len(text) < 4 and text in whole
        total += (
            min(len(text), 300) if stands[position] else 0 if is_short else -2 - 0.3 * min(len(text), 200)
        )
        if total <= 0:
            total, start = 0.0, position + 1
        elif total > best:
            best, run = total, (start, position + 1)
    return [
        run[0] <= position < run[1] and (stands[position] or (0 < len(text) < 4 and text in whole))
        for position, text in enumerate(held)
    ]


def letters(text: str) -> str:
    """Return a text's letters and digits alone, folded."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def join(cases: Sequence[Case], votes: Sequence[Sequence[float]]) -> list[list[Features]]:
    """Return each line's measures with those of the votes around it."""
    return [
        [mine | others for mine, others in zip(case.measures, measure_votes(vote, case.ruled), strict=True)]
        for case, vote in zip(cases, votes, strict=True)
    ]


def unseen_votes(
    cases: Sequence[Case], measures: Sequence[list[Features]], ridge: float, folds: int
) -> list[list[float]]:
    """Return the votes on each dump by weights learned from other outlets' dumps."""
    folded = fold_by_outlet(cases, folds)
    votes: list[list[float]] = [[] for _ in cases]
    for fold in range(folds):
        others = [number for number, own in enumerate(folded) if own != fold]
        weights = learn([cases[n] for n in others], [measures[n] for n in others], ridge)
        for number, own in enumerate(folded):
            if own == fold:
                votes[number] = [dump_vote.weigh(features, weights) for features in measures[number]]
    return votes


def learn(cases: Sequence[Case], measures: Sequence[list[Features]], ridge: float) -> dict[str, float]:
    """Return the weights of a logistic regression; each dump counts the same, its lines by their words."""
    names = sorted({name for lines in measures for features in lines for name in features})
    column = {name: number for number, name in enumerate(names)}
    rows = np.zeros((sum(map(len, measures)), len(names)))
    for row, features in enumerate(features for lines in measures for features in lines):
        for name, value in features.items():
            rows[row, column[name]] = value
    truth = np.concatenate([case.is_story for case in cases])
    counts = [np.array([min(60, max(2, item.line.words)) for item in case.ruled]) ** 0.7 for case in cases]
    weight = np.concatenate([count / count.sum() * 100 for count in counts])
    solved = np.zeros(len(names))
    for _ in range(ROUNDS):
        odds = 1 / (1 + np.exp(-np.clip(rows @ solved, -30, 30)))
        slope = rows.T @ (weight * (truth - odds)) - ridge * solved
        bend = (rows * (weight * np.maximum(odds * (1 - odds), 1e-4))[:, None]).T @ rows
        solved += np.linalg.solve(bend + ridge * np.eye(len(names)), slope)
    return {name: round(float(value), 3) for name, value in zip(names, solved, strict=True)}


def fold_by_outlet(cases: Sequence[Case], folds: int) -> list[int]:
    """Return the fold of each case; an outlet's are in one."""
    return [int(hashlib.sha256(case.group.encode()).hexdigest(), 16) % folds for case in cases]


def print_scores(title: str, cases: Sequence[Case], votes: Sequence[Sequence[float]]) -> None:
    """Print precision, recall and F1 of four-word shingles, averaged over the dumps of each set."""
    rows: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for case, vote in zip(cases, votes, strict=True):
        kept = find_run(vote, [item.line.words for item in case.ruled])
        ours, gold = shingles(" ".join(case.ruled[p].line.text for p in kept)), shingles(case.gold)
        both = sum((ours & gold).values())
        rows[case.name.partition("-")[0]].append((both, sum(ours.values()), sum(gold.values())))
    for name, scores in rows.items():
        precision = statistics.mean(both / ours for both, ours, _ in scores if ours)
        recall = statistics.mean(both / gold for both, _, gold in scores if gold)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{title:<32} {name:<8} F1 {f1:.4f}  precision {precision:.4f}  recall {recall:.4f}")


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the runs of four words in a text."""
    words = _TOKEN.findall(text)
    return Counter(tuple(words[n : n + 4]) for n in range(max(1, len(words) - 3)))


if __name__ == "__main__":
    main()

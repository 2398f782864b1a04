"""Condense stories beside their first sentences and sumy's LexRank in one run: how near an editor's blurb, how fast.

The stories are those with an editor's blurb beside the checkout, where there are any; the scores are ROUGE F
with stemming, and a gain's p a one-sided paired bootstrap's. Our own sample stories have no such blurb: of
these it is counted how many blurbs hold what a blurb may not, such as a caption, a plug or a "she" that is
nobody. Each condenser has a process of its own on one core, one after the other, and its best round counts.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.condensers import CONDENSERS
from tests.bench.learn_blurbs import bootstrap
from tests.summarize.test_blurbs import SAMPLES, Sample, faults_of

CHECKOUT = Path(__file__).resolve().parents[2]
LABELLED = CHECKOUT.parent / "shared" / "yardstick" / "blurbs" / "cases.jsonl"
PEERS = CHECKOUT / ".venv" / "peers" / "bin" / "python"
ROUNDS = 2
JOINED = 5
"""Sample stories that are joined to one of about 500 words, as long as news is, where speed is measured on them."""

LIMITS = {
    "ours: milliseconds a story": 3.3,
    "ours: faulty blurbs": 0,
    "LexRank's times as fast": 1 / 3,
    "p of the gain in R1": 0.05,
    "p of the gain in RLsum": 0.05,
}

_LINES = re.compile(r"(?<=[.!?])[\"'”’]?\s+(?=[\"'“‘A-Z0-9])")


def measure() -> dict[str, float]:
    """Count faulty blurbs of the sample stories, and measure speed and closeness on the others if there are any."""
    figures: dict[str, float] = {}
    samples = [_record_of(sample) for sample in SAMPLES]
    for name in CONDENSERS:
        made = _run(name, samples)
        figures[f"{name}: faulty blurbs"] = sum(
            bool(faults_of(sample, one["spans"])) for sample, one in zip(SAMPLES, made, strict=True)
        )
    cases = labelled_stories()
    figures |= _measure_speed(cases or _joined(samples))
    if cases:
        figures |= _measure_closeness(cases)
    return figures


def labelled_stories() -> list[dict[str, Any]]:
    """Return the stories with an editor's blurb that stand beside the checkout."""
    if not LABELLED.is_file():
        return []
    lines = LABELLED.read_text(encoding="utf-8").splitlines()
    return [{"language": "en", **json.loads(line)} for line in lines]


def _measure_speed(records: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    seconds = {
        name: min(statistics.fmean(one["cpu"] for one in _run(name, records)) for _ in range(ROUNDS))
        for name in ("ours", "LexRank")
    }
    figures = {f"{name}: milliseconds a story": 1000 * each for name, each in seconds.items()}
    figures |= {f"{name}: stories a second": 1 / each for name, each in seconds.items()}
    figures["words a story"] = statistics.fmean(len(record["text"].split()) for record in records)
    figures["LexRank's times as fast"] = seconds["ours"] / seconds["LexRank"]
    return figures


def _measure_closeness(cases: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    scores: dict[str, list[list[float]]] = {}
    for name in CONDENSERS:
        blurbs = [
            "\n".join(case["text"][start:end] for start, end in one["spans"])
            for case, one in zip(cases, _run(name, cases), strict=True)
        ]
        lines = [
            {"reference": "\n".join(filter(None, _LINES.split(case["reference"]))), "blurb": blurb}
            for case, blurb in zip(cases, blurbs, strict=True)
        ]
        scores[name] = _run("rouge", lines)
    for at, measure_name in enumerate(("R1", "R2", "RLsum")):
        for name, each in scores.items():
            figures[f"{name}: {measure_name}"] = 100 * statistics.fmean(one[at] for one in each)
        figures[f"p of the gain in {measure_name}"] = bootstrap(
            [one[at] for one in scores["ours"]], [one[at] for one in scores["first sentences"]]
        )
    return figures


def _run(name: str, records: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Run one condenser, or the scorer, over records; return what it printed."""
    done = subprocess.run(
        [str(PEERS), "-W", "ignore", "-m", "tests.bench.condensers", name],
        input="".join(json.dumps(record) + "\n" for record in records),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _record_of(sample: Sample) -> dict[str, Any]:
    story = sample.story
    return {
        "title": story.title,
        "text": story.text,
        "language": story.language,
        "blurb_end": story.blurb_end,
        "caption": story.lead_image.caption if story.lead_image else None,
    }


def _joined(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    english = [one for one in records if one["language"] == "en" and len(one["text"]) > 200]
    return [
        {
            **story,
            "blurb_end": None,
            "text": "\n\n".join(other["text"] for other in (english + english)[at : at + JOINED]),
        }
        for at, story in enumerate(english)
    ]

"""Read labelled news pages beside other packages in one run: how much of each body is right, how many titles, how fast.

The pages are the labelled ones beside the checkout, where there are any, else the sample stories. A body is
compared by its runs of four words: precision and recall are averaged over the pages, and F1 is made of the
averages, as the article-extraction-benchmark does. Each package has a process of its own on one core, one
after the other; the speed is that of its best round. Seconds of CPU decide, since other work may be going on.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers import PACKAGES
from tests.conftest import DATA

CHECKOUT = Path(__file__).resolve().parents[2]
LABELLED = CHECKOUT.parent / "shared" / "yardstick" / "pages"
SAMPLES = CHECKOUT / "digest" / "samples"
PEERS = CHECKOUT / ".venv" / "peers" / "bin" / "python"
SCRIPT = Path(__file__).with_name("peers.py")
ROUNDS = 2

LIMITS = {"trafilatura times as fast": 2.0, "best peer's F1 less ours": 0.0}

_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A labelled page: the set it belongs to, its file, its text, and its title where that is labelled."""

    group: str
    file: Path
    text: str
    title: str


def measure() -> dict[str, float]:
    """Read all pages with each package, in rounds; score the texts, and the speed of the best round."""
    pages = labelled_pages()
    figures: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name in PACKAGES:
            read = _read_all(name, pages)
            figures |= _scores(name, pages, read)
            for key, label in (("cpu", "pages/s of CPU"), ("wall", "pages/s on the clock")):
                speed = len(pages) / sum(one[key] for one in read)
                figures[f"{name}: {label}"] = round(max(speed, figures.get(f"{name}: {label}", 0.0)), 1)
    groups = {page.group for page in pages}
    figures["trafilatura times as fast"] = (
        figures["trafilatura: pages/s of CPU"] / figures["ours: pages/s of CPU"]
    )
    figures["best peer's F1 less ours"] = max(
        figures[f"{name}: F1 {group}"] - figures[f"ours: F1 {group}"]
        for group in groups
        for name in PACKAGES
        if name != "ours"
    )
    return dict(sorted(figures.items()))


def labelled_pages() -> list[Page]:
    """Return the labelled pages beside the checkout, else the sample stories with the text we want of them."""
    if (LABELLED / "cases.jsonl").is_file():
        cases = [json.loads(line) for line in (LABELLED / "cases.jsonl").open(encoding="utf-8")]
        return [
            Page(
                group=case["id"].split("-")[0],
                file=LABELLED / case["file"],
                text=case["gold"]["text"],
                title=case["gold"].get("title") or "",
            )
            for case in cases
        ]
    pages = []
    for label in sorted((DATA / "bench").glob("*.txt")):
        title, _, text = label.read_text(encoding="utf-8").partition("\n\n")
        pages.append(Page(group="samples", file=SAMPLES / f"{label.stem}.html", text=text, title=title))
    return pages


def f1_of(texts: Sequence[tuple[str, str]]) -> float:
    """Return the F1 of averaged precision and recall over pairs of a labelled and a read text."""
    precisions, recalls = [], []
    for wanted, read in texts:
        gold, own = _runs(wanted), _runs(read)
        shared = (gold & own).total()
        if own:
            precisions.append(shared / own.total())
        if gold:
            recalls.append(shared / gold.total())
    precision = statistics.mean(precisions) if precisions else 0.0
    recall = statistics.mean(recalls) if recalls else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _runs(text: str, length: int = 4) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if 0 < len(words) < length:
        return Counter([tuple(words)])
    return Counter(zip(*(words[start:] for start in range(length)), strict=False))


def _folded(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).lower().translate(_QUOTES).split())


def _scores(name: str, pages: Sequence[Page], read: Sequence[dict[str, Any]]) -> dict[str, float]:
    found = {}
    for group in sorted({page.group for page in pages}):
        rows = [(page, one) for page, one in zip(pages, read, strict=True) if page.group == group]
        found[f"{name}: F1 {group}"] = round(f1_of([(page.text, one["text"]) for page, one in rows]), 4)
        titled = [_folded(page.title) == _folded(one["title"]) for page, one in rows if page.title]
        if titled:
            found[f"{name}: % of titles {group}"] = round(100 * sum(titled) / len(titled), 1)
    return found


def _read_all(name: str, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return what a package reads of the pages, in a process of its own."""
    python = sys.executable if name == "ours" else str(PEERS)
    told = subprocess.run(
        [python, str(SCRIPT), name],
        input="".join(f"{page.file}\n" for page in pages),
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)} if name == "ours" else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    read: list[dict[str, Any]] = [json.loads(line) for line in told.stdout.splitlines()]
    return read

"""Condense stories with one condenser: `python -m tests.bench.condensers NAME` takes a JSON line a story.

A line in is `{"title", "text", "language"}`, perhaps with "caption" and "blurb_end"; a line out is `{"spans":
[[start, end], ...], "cpu"}`, the seconds of making the blurb out of the text. With the name `rouge` a line in is
`{"reference", "blurb"}`, both with one sentence a line, and a line out the three F values. It runs in the
environment of the peers, which has our dependencies too.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from digest.model import Image, Story, StoryId
from digest.summarize.extractive import ExtractiveSummarizer
from digest.summarize.sentences import split_sentences

WORDS = 60
MEASURES = ("rouge1", "rouge2", "rougeLsum")

Spans = list[tuple[int, int]]
Condense = Callable[[dict[str, Any]], Spans]

_WORD = re.compile(r"[^\W\d_]")


class Tokenizer:
    """The sentences and words of sumy's own tokenizer for English, without the download it asks for."""

    def __init__(self) -> None:
        punkt, treebank = map(import_module, ("nltk.tokenize.punkt", "nltk.tokenize.destructive"))
        self._sentences = punkt.PunktSentenceTokenizer()
        self._words = treebank.NLTKWordTokenizer()

    def to_sentences(self, paragraph: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in self._sentences.tokenize(paragraph))

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(word for word in self._words.tokenize(sentence) if _WORD.match(word))


def ours() -> Condense:
    summarizer = ExtractiveSummarizer()

    def condense(record: dict[str, Any]) -> Spans:
        blurb = summarizer.summarize(_story(record), words=WORDS)
        return [(one.start, one.end) for one in blurb.sentences]

    return condense


def first_sentences() -> Condense:
    def condense(record: dict[str, Any]) -> Spans:
        spans, words = [], 0
        for one in split_sentences(record["text"], language=record["language"]):
            words += len(one.text.split())
            if words > WORDS:
                break
            spans.append((one.start, one.end))
        return spans

    return condense


def lexrank() -> Condense:
    """Return sumy's LexRank as its manual sets it up: words stemmed, stop words left out."""
    parsers, summarizers, stemmers, stop_words = map(
        import_module,
        ("sumy.parsers.plaintext", "sumy.summarizers.lex_rank", "sumy.nlp.stemmers", "sumy.utils"),
    )
    summarizer = summarizers.LexRankSummarizer(stemmers.Stemmer("english"))
    summarizer.stop_words = stop_words.get_stop_words("english")
    tokenizer = Tokenizer()

    def fitting(ranked: Sequence[Any]) -> list[Any]:
        chosen, words = [], 0
        for one in ranked:
            size = len(str(one.sentence).split())
            if words + size <= WORDS:
                chosen.append(one)
                words += size
        return chosen

    def condense(record: dict[str, Any]) -> Spans:
        text = record["text"]
        document = parsers.PlaintextParser.from_string(text, tokenizer).document
        found = [(text.find(str(one)), len(str(one))) for one in summarizer(document, fitting)]
        return [(start, start + length) for start, length in found if start >= 0]

    return condense


CONDENSERS: dict[str, Callable[[], Condense]] = {
    "ours": ours,
    "first sentences": first_sentences,
    "LexRank": lexrank,
}


def _story(record: dict[str, Any]) -> Story:
    caption = record.get("caption")
    return Story(
        id=StoryId("-"),
        source="-",
        title=record["title"],
        text=record["text"],
        language=record["language"],
        blurb_end=record.get("blurb_end"),
        lead_image=Image(url="https://courier.example/a.jpg", caption=caption) if caption else None,
    )


def _score() -> None:
    scorer = import_module("rouge_score.rouge_scorer").RougeScorer(list(MEASURES), use_stemmer=True)
    for line in sys.stdin:
        record = json.loads(line)
        scores = scorer.score(record["reference"], record["blurb"])
        print(json.dumps([scores[name].fmeasure for name in MEASURES]))


def main(name: str) -> None:
    """Condense the stories on stdin, after one that is not timed; or score blurbs."""
    if name == "rouge":
        _score()
        return
    condense = CONDENSERS[name]()
    for number, line in enumerate(sys.stdin):
        record = json.loads(line)
        if number == 0:
            condense(record)
        started = time.process_time()
        spans = condense(record)
        print(json.dumps({"spans": spans, "cpu": time.process_time() - started}))


if __name__ == "__main__":
    main(sys.argv[1])

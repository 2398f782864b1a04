"""Find the sentences of a text that say nothing beyond what readers were told before.

A sentence with a name or a number that was not told is new. Any other says nothing new where most of its words
stand together in what was told: in one sentence, in two neighbours, or nearly all of them anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from digest.model import Sentence, Story, StoryId
from digest.summarize.antecedents import STEM
from digest.summarize.facts import FactKind, check_facts, unsupported
from digest.summarize.languages import Rules, language_of, rules_of
from digest.summarize.sentences import split_sentences

IN_ONE, IN_TWO, ANYWHERE = 0.55, 0.65, 0.8
"""The share of a sentence's words told in one sentence, in two neighbours or anywhere, with which it is not new."""

MOST_TOLD = 60_000
"""Characters of what was told that are compared with, the latest first."""

_WORD = re.compile(r"[^\W_]+")


def find_told(sentences: Sequence[Sentence], text: str, told: str, *, language: str) -> set[int]:
    """Return the places of the sentences of `text` that say nothing beyond `told`."""
    told = told[:MOST_TOLD]
    rules = rules_of(language_of(text, language))
    known = [_words(one.text, rules) for one in split_sentences(told, language=language)]
    neighbours = [one | other for one, other in pairwise(known)]
    anywhere = frozenset().union(*known)
    end = max((sentence.end for sentence in sentences), default=0)
    facts = check_facts(text[:end], Story(id=StoryId(""), source="", title="", text=told, language=language))
    new = [
        fact.start
        for fact in unsupported(facts)
        if fact.kind is FactKind.NUMBER
        or (fact.kind is FactKind.NAME and not _words(fact.text, rules) <= anywhere)
    ]
    dates = [(fact.start, fact.end) for fact in facts if fact.kind is FactKind.DATE]
    found = set()
    for place, sentence in enumerate(sentences):
        if any(sentence.start <= start < sentence.end for start in new):
            continue
        words = _words(_without(text, sentence, dates), rules)
        if (
            not words
            or _most(words, known) >= IN_ONE
            or _most(words, neighbours) >= IN_TWO
            or len(words & anywhere) >= ANYWHERE * len(words)
        ):
            found.add(place)
    return found


def _most(words: frozenset[str], known: Sequence[frozenset[str]]) -> float:
    return max((len(words & other) for other in known), default=0) / len(words)


def _without(text: str, sentence: Sentence, spans: Sequence[tuple[int, int]]) -> str:
    """Return a sentence without the spans of the text that lie in it."""
    parts, at = [], sentence.start
    for start, end in spans:
        if at <= start and end <= sentence.end:
            parts.append(text[at:start])
            at = end
    return " ".join([*parts, text[at : sentence.end]])


def _words(text: str, rules: Rules) -> frozenset[str]:
    """Return the words that carry meaning, cut to their first letters; of a script without spaces, pairs of letters."""
    if not rules.has_spaces:
        return frozenset(one + other for one, other in pairwise("".join(_WORD.findall(text))))
    words = (word for word in _WORD.findall(text.lower()) if word not in rules.starters)
    return frozenset(word[:STEM] for word in words if len(word) > 2 or word.isdigit())

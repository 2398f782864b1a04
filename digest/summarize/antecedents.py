"""Find the sentences that tell a reader what a later one takes as known.

A surname alone wants the sentence with the full name. "The yard" wants one that speaks of a yard; where none
does, it stands for what the sentences right before it tell of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.summarize.languages import Rules

STEM = 6
"""Letters of a word that are compared."""
REACH = 2
"""Sentences back that may tell what a thing is, where no sentence names it."""

_RUN = re.compile(
    r"[A-ZÀ-ÖØ-ÞА-Я](?:[\w'’-]*\w)?(?:\.? (?:(?:de|von|van|der|bin|al|del|di|da|la) )?[A-ZÀ-ÖØ-ÞА-Я](?:[\w'’-]*\w)?)*"
)
_POSSESSIVE = re.compile(r"['’]s?$")
_SUBJECT = re.compile(r"[\"“„«‘']?\s?([^\W\d_]+['’]?)\s?(.{0,70})", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_NUMBER = re.compile(r"\d")


def find_antecedents(
    sentences: Sequence[str], tokens: Sequence[Sequence[str]], *, title: str, rules: Rules
) -> list[tuple[int, ...]]:
    """Return, for each sentence, sets of places as bits: a blurb with it wants one place of each set before it.

    `tokens` are the sentences' words in lower case, cut to STEM letters. A name that the title has is known.
    """
    needs: list[list[int]] = [[] for _ in sentences]
    if not rules.has_spaces:
        return [() for _ in sentences]
    full: dict[str, int] = {}
    alone = {_POSSESSIVE.sub("", word) for word in _WORD.findall(title)}
    for place, text in enumerate(sentences):
        single = _note_names(text, place, full, alone, rules)
        for name in single:
            places = full.get(name, 0)
            if name not in alone and places and not places >> place & 1:
                needs[place].append(places)
            elif not places:
                alone.add(name)
        if place:
            places = _places_of_subject(text, place, tokens, rules)
            if places:
                needs[place].append(places)
    return [tuple(places) for places in needs]


def _note_names(text: str, place: int, full: dict[str, int], alone: set[str], rules: Rules) -> set[str]:
    """Note the names that stand in full here, and return those that stand alone where a reader asks who it is.

    That is the sentence's first name, and one that speaks.
    """
    single: set[str] = set()
    is_first = True
    for match in _RUN.finditer(text):
        words = [_POSSESSIVE.sub("", word.rstrip(".")) for word in match.group().split()]
        while words and words[0].lower() in rules.starters:
            del words[0]
        if not words:
            continue
        if len(words) > 1:
            ends = {words[-1]} if rules.has_capital_nouns else {words[0], words[-1]}
            for name in ends - alone:
                if name[1:2].islower():
                    full[name] = full.get(name, 0) | 1 << place
        elif words[0][1:2].islower() and (is_first or _speaks(text, match, rules)):
            single.add(words[0])
        is_first = False
    return single


def _speaks(text: str, match: re.Match[str], rules: Rules) -> bool:
    after = _WORD.match(text, match.end() + 1)
    before = text[: match.start()].rstrip().rpartition(" ")[2]
    return before in rules.speech or (after is not None and after.group() in rules.speech)


def _places_of_subject(text: str, place: int, tokens: Sequence[Sequence[str]], rules: Rules) -> int:
    """Return the places that say what a sentence's first words, such as 'The yard', speak of; 0 for any."""
    match = _SUBJECT.match(text)
    if match is None or match.group(1).lower() not in rules.articles:
        return 0
    nouns: list[str] = []
    for found in _WORD.finditer(match.group(2)):
        word = found.group().lower()
        if word in rules.describing:
            return 0
        if nouns and (word in rules.verbs or word in rules.starters or word.endswith(rules.verb_endings)):
            break
        if (
            word in rules.widely_known
            or _NUMBER.search(word)
            or (found.group()[0].isupper() and not rules.has_capital_nouns)
        ):
            return 0
        if word not in rules.adjectives:
            nouns.append(word)
        if len(nouns) == 2 or match.group(2)[found.end() : found.end() + 1] == ",":
            break
    if not nouns:
        return 0
    for noun in nouns:
        stem = noun[:STEM]
        places = sum(1 << other for other in range(place) if stem in tokens[other])
        if places:
            return places
    return sum(1 << other for other in range(max(0, place - REACH), place))

"""Tell a phrase that says what happened from one that only names a subject."""

from __future__ import annotations

import re
from itertools import pairwise

from digest.subject.wording import Words, split_words

_ENGLISH = re.compile(r"[a-z]{3,}(?:ed|[ai]ses|izes|ifies|ates)")
_HELPERS = frozenset(["to", "will", "would", "may", "might", "can", "could", "must", "should"])
_GERMAN = re.compile(r"[a-zäöüß]{2,}(?:t|te|ten|en|ern|eln)")
_FRENCH = re.compile(r"\w{3,}(?:ée?s?|ent)")
_SPANISH = re.compile(r"\w{3,}(?:ó|[ai]d[oa]s?|aron|ieron|an)")


def is_news(text: str, words: Words) -> bool:
    """Say whether a phrase seems to have a verb; where a language's verbs are not known, it does."""
    if not words.verbs:
        return True
    part = re.split(r"\s[-–—|]\s|—|[:;]\s", text)[-1]
    if len(part.split()) < 2:
        return False
    pieces = re.split(r",\s+", part)
    # A verb between the first two commas may belong to an aside ("Bridge, closed in 2019").
    if len(pieces) > 1 and not pieces[1][:1].isupper():
        del pieces[1]
    return any(has_verb(piece, words) for piece in pieces)


def has_verb(text: str, words: Words) -> bool:
    """Say whether one of the words of a text looks like a verb of its language."""
    said = split_words(text, words.language)
    if any(word in words.verbs or word in words.irregular for word in said):
        return True
    match words.language:
        case "en":
            return (
                any(_ENGLISH.fullmatch(word) for word in said)
                or not _HELPERS.isdisjoint(said)
                or _has_plural_with_verb(text, words)
            )
        case "de":
            return _has_german_verb(text, words)
        case "fr":
            return any(_FRENCH.fullmatch(word) for word in said)
        case "es":
            return any(_SPANISH.fullmatch(word) for word in said)
        case _:
            return False


def _has_plural_with_verb(text: str, words: Words) -> bool:
    """Say whether a plural is followed by what may be its verb ("fans cheer")."""
    tokens = text.split()
    return any(
        len(before) > 3 and before.endswith("s") and not before.isupper() and bare[-1] in words.nouns_too
        for before, after in pairwise(tokens)
        if before[-2:] not in ("'s", "’s", "ss") and (bare := split_words(after))
    )


def _has_german_verb(text: str, words: Words) -> bool:
    """Say whether a word in lower case ends like a verb; one in -en only behind a noun or at the end."""
    unlike = words.dangling | words.place | words.follow | words.articles | words.scope | words.adverbs
    tokens = text.split()
    for place, token in enumerate(tokens):
        word = token.strip('.,;:!?"“”„«»')
        if word in unlike or not _GERMAN.fullmatch(word):
            continue
        behind_noun = place > 0 and tokens[place - 1][:1].isupper()
        if not word.endswith("n") or behind_noun or place == len(tokens) - 1:
            return True
    return False

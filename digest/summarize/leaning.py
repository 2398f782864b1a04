"""Say whether a sentence *leans*: whether it points at something said before it, and how far back."""

from __future__ import annotations

import re
from enum import IntEnum

from digest.summarize.languages import Rules
from digest.summarize.quotes import paired_spans

_OPENING = frozenset("\"“„«‘'")
_ATTRIBUTED = re.compile(r"\b(?:said|says|told|added|tweeted|wrote|sagte|sagt|dit|dijo)\b")
_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zA-Z]")
_CONTRAST = re.compile(r"[,;] (?:however|though|meanwhile|moreover|instead|therefore),", re.IGNORECASE)
_TOO = (" too.", " too!", " either.", " as well.", " before.")
_THERE_LATE = (" there.", " there!")
_THERE_EARLY = re.compile(r"\w+ there (?!is|are|was|were|has|have|will)")
_ONE_OF_THEM = re.compile(r"[\"”’] (?:one|two|some|many|most|another|several) of (?:them|these|those) \w+")
_ELLIPSIS = re.compile(
    r"(?:Nobody|No one|None|Everyone|Everybody|Many|Some|Most|Few|All|Not all|Only \w+|One)(?: of [a-z]+)? "
    r"(?:(?:did|does|do)(?: not|n['’]t)?(?: so)?"
    r"(?: (?:until|before|after|when|since|because|but|and|in|at|by|it|this)\b|[.,;])"
    r"|(?:was|were|is|are|has|have|had|can|could|will|would)(?: not|n['’]t)?[.,;])"
)
_AFTER_WHEN = re.compile(
    r"(?:In|On|At|By|Till|Until|During|For|Since|After|Before|Within|Over|Later|Last|Earlier|From)\b[^,.\"“]{2,45}(?:,[^,.\"“]{2,40})?,"
    r" (?:they|neither|both|all|he|she|it(?! (?:was|is|emerged|became|took|seems|rained|snowed)))\b"
)


class Lean(IntEnum):
    """How a sentence points back: not at all, at someone or something named, at the one before it, at who speaks."""

    NONE = 0
    REFERENT = 1
    SENTENCE = 2
    SPEAKER = 3


def lean_of(text: str, *, rules: Rules, has_lost_marks: bool = False, is_first: bool = False) -> Lean:
    """Say how a sentence points back.

    Where the story has lost quotation marks, nothing can be told from a sentence's first person. The story's
    first sentence may speak of "the company": there is nothing before it.
    """
    if rules.starts:
        return Lean.SENTENCE if text.lstrip('「『“"').startswith(rules.starts) else Lean.NONE
    words = [word.lower() for word in _WORDS.findall(text[:160])[:9]]
    if not words:
        return Lean.NONE
    first = words[0].partition("'")[0].partition("’")[0]
    opening = " ".join(words[:5])
    if text[0] in _OPENING and paired_spans(text, 0, len(text)) == [(0, len(text))]:
        return Lean.SENTENCE
    if rules.people and "of th" in text and _ONE_OF_THEM.search(text):
        return Lean.SENTENCE
    if first in rules.connectives or opening.startswith(rules.phrases):
        return Lean.SENTENCE
    if not has_lost_marks and first in rules.voices and text[0].isalpha() and not _ATTRIBUTED.search(text):
        return Lean.SPEAKER
    if any(word in rules.also for word in words[1:6]):
        return Lean.REFERENT
    if first in rules.pronouns or words[0] in rules.pronouns:
        return Lean.REFERENT
    if not is_first and first in rules.articles and _points_back(text, words, rules):
        return Lean.REFERENT
    if rules.people and _leans_within(text):
        return Lean.REFERENT
    if rules.people and _lacks_name(text, rules):
        return Lean.REFERENT
    return Lean.NONE


def _points_back(text: str, words: list[str], rules: Rules) -> bool:
    """Say whether a sentence starts with 'the company' and does not say which."""
    for place, word in enumerate(words[1:4], start=1):
        stem = word.partition("-")[2] or word if "-" in word else word
        if word in rules.pointers or stem in rules.pointers:
            match = re.match(rf"\W*(?:\S+\s+){{{place}}}\S+(.{{0,60}})", text)
            told = match.group(1) if match else ""
            head = text[: match.start(1)] if match else text
            if _NAME.search(head[4:]):
                return False
            return not (
                (word_after := re.match(r"\s(\w+)", told))
                and word_after.group(1).lower() in rules.describing
                and _NAME.search(told)
            ) and not re.match(r",?\s[A-Z]", told)
    return False


def _lacks_name(text: str, rules: Rules) -> bool:
    """Say whether a 'he' or 'her' comes before any name in the sentence."""
    is_first = True
    for match in re.finditer(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text):
        word = match.group()
        if word.lower().partition("'")[0].partition("’")[0] in rules.people:
            return True
        if (
            word[0].isupper()
            and not (is_first and word.lower() in rules.starters)
            and word not in ("I", "I'm", "I’m")
        ):
            return False
        is_first = False
    return False


def _leans_within(text: str) -> bool:
    """Say whether 'however', 'too', or 'they' behind a time, points back from within an English sentence."""
    if (text.endswith(_TOO) and not text.endswith("ever before.")) or (
        "," in text[:90] and _CONTRAST.search(text, 0, 90)
    ):
        return True
    if text.endswith(_THERE_LATE) or _THERE_EARLY.match(text):
        return _NAME.search(text, text.find(" ")) is None
    if _ELLIPSIS.match(text):
        return True
    match = _AFTER_WHEN.match(text)
    return match is not None and _NAME.search(text, text.index(" "), match.end()) is None
